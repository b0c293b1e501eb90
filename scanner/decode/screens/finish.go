package screens

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"math"
)

// finish does what lens, light and sensor do to the frame.
func (r *Renderer) finish(s *scene) {
	r.lens()
	if sigma := s.soften * s.module; sigma > 0 {
		r.blur(sigma)
	}
	if s.motion > 0 {
		r.shake(s.motion*s.module, s.motionAt)
	}
	r.glare(s)
	r.expose(s)
	if s.jpeg > 0 {
		r.compress(s.jpeg)
	}
}

// lens is the slight blur of any camera: 1-2-1 both ways.
func (r *Renderer) lens() {
	for y := range H {
		from, to := r.pix[y*W:(y+1)*W], r.spare[y*W:(y+1)*W]
		to[0], to[W-1] = from[0], from[W-1]
		for x := 1; x < W-1; x++ {
			to[x] = byte((int(from[x-1]) + 2*int(from[x]) + int(from[x+1]) + 2) >> 2)
		}
	}
	copy(r.pix, r.spare[:W])
	copy(r.pix[(H-1)*W:], r.spare[(H-1)*W:])
	for y := 1; y < H-1; y++ {
		a, b, c := r.spare[(y-1)*W:y*W], r.spare[y*W:(y+1)*W], r.spare[(y+1)*W:(y+2)*W]
		to := r.pix[y*W : (y+1)*W]
		for x := range to {
			to[x] = byte((int(a[x]) + 2*int(b[x]) + int(c[x]) + 2) >> 2)
		}
	}
}

// blur is nearly Gaussian: three running means, with shares of the outermost pixels so
// that sigma need not be whole.
func (r *Renderer) blur(sigma float64) {
	radius := (math.Sqrt(4*sigma*sigma+1) - 1) / 2 // of one of the three
	for range 3 {
		r.boxRows(radius)
		r.boxColumns(radius)
	}
}

func (r *Renderer) boxRows(radius float64) {
	whole := int(radius)
	part := int((radius - float64(whole)) * 256)
	scale := int(65536 / (2*radius + 1))
	line := make([]int, W+2*whole+3)
	for y := range H {
		row := r.pix[y*W : (y+1)*W]
		for i := range line {
			line[i] = int(row[min(max(i-whole-1, 0), W-1)])
		}
		sum := 0
		for _, v := range line[1 : 2*whole+2] {
			sum += v
		}
		for x := range row {
			out := line[x] + line[x+2*whole+2]
			row[x] = byte((sum*256 + out*part) >> 8 * scale >> 16)
			sum += line[x+2*whole+2] - line[x+1]
		}
	}
}

// boxColumns keeps a sum for each column, so that memory is read row by row.
func (r *Renderer) boxColumns(radius float64) {
	whole := int(radius)
	part := int((radius - float64(whole)) * 256)
	scale := int(65536 / (2*radius + 1))
	if r.sums == nil {
		r.sums = make([]int32, W)
	}
	clear(r.sums)
	row := func(y int) []byte { y = min(max(y, 0), H-1); return r.pix[y*W : (y+1)*W] }
	for y := -whole; y <= whole; y++ {
		for x, v := range row(y) {
			r.sums[x] += int32(v)
		}
	}
	for y := range H {
		before, after, first := row(y-whole-1), row(y+whole+1), row(y-whole)
		to := r.spare[y*W : (y+1)*W]
		for x := range to {
			out := int(before[x]) + int(after[x])
			to[x] = byte((int(r.sums[x])*256 + out*part) >> 8 * scale >> 16)
			r.sums[x] += int32(after[x]) - int32(first[x])
		}
	}
	r.pix, r.spare = r.spare, r.pix
}

// shake is the mean of the frame along a straight move of so many pixels.
func (r *Renderer) shake(length, angle float64) {
	n := max(int(length*1.5), 2)
	dx, dy := math.Cos(angle), math.Sin(angle)
	sums := make([]int32, W)
	for y := range H {
		clear(sums)
		for i := range n {
			t := length * (float64(i)/float64(n-1) - 0.5)
			ox, oy := int(math.Round(t*dx)), int(math.Round(t*dy))
			from := r.pix[min(max(y+oy, 0), H-1)*W:][:W]
			lo, hi := max(0, -ox), min(W, W-ox)
			shifted := from[lo+ox : hi+ox]
			part := sums[lo:hi]
			for x, v := range shifted {
				part[x] += int32(v)
			}
		}
		to := r.spare[y*W : (y+1)*W]
		for x := range to {
			to[x] = byte(int(sums[x]) / n)
		}
	}
	r.pix, r.spare = r.spare, r.pix
}

// glare adds lamps that the glass mirrors, on the symbol.
func (r *Renderer) glare(s *scene) {
	for range s.spots {
		x := s.pose.x + (s.chance.Float64()-0.5)*s.extent
		y := s.pose.y + (s.chance.Float64()-0.5)*s.extent
		if s.symbol == Bars {
			y = s.pose.y + (s.chance.Float64()-0.5)*barsH*s.pose.scale
		}
		size := s.spotSize * (0.6 + 0.8*s.chance.Float64())
		r.spot(x, y, size, size*(0.6+0.8*s.chance.Float64()))
	}
	if s.streak {
		r.spot(s.pose.x, s.pose.y+(s.chance.Float64()-0.5)*s.extent/2, 900, 14)
	}
}

func (r *Renderer) spot(cx, cy, sx, sy float64) {
	const brightest = 420 // more than white, so that the middle is flat
	x0, x1 := max(int(cx-2.6*sx), 0), min(int(cx+2.6*sx), W)
	if x0 >= x1 {
		return
	}
	across := make([]int, x1-x0)
	for i := range across {
		d := (float64(x0+i) - cx) / sx
		across[i] = int(brightest * math.Exp(-d*d))
	}
	for y := max(int(cy-2.6*sy), 0); y < min(int(cy+2.6*sy), H); y++ {
		d := (float64(y) - cy) / sy
		k := int(256 * math.Exp(-d*d))
		row := r.pix[y*W+x0 : y*W+x1]
		for i, a := range across {
			row[i] = byte(min(int(row[i])+a*k>>8, 255))
		}
	}
}

// expose maps shades to what the sensor gives, and adds its noise.
func (r *Renderer) expose(s *scene) {
	if s.bloom > 0 {
		kept := append([]byte(nil), r.pix...)
		r.blur(12)
		b := int(s.bloom * 256)
		for i, v := range kept {
			r.pix[i] = byte((int(v)*(256-b) + int(r.pix[i])*b) >> 8)
		}
	}
	var tone [256]int
	for i := range tone {
		tone[i] = int(s.black + (s.white-s.black)*float64(i)/255 + 0.5)
	}
	const grains = 1 << 14
	var noise [grains]int16
	for i := range noise {
		noise[i] = int16(math.Round(s.chance.NormFloat64() * s.noise))
	}
	for y := range H {
		row := r.pix[y*W : (y+1)*W]
		g := s.chance.IntN(grains)
		for x, v := range row {
			row[x] = byte(min(max(tone[v]+int(noise[(g+x)%grains]), 0), 255))
		}
	}
}

// compress is a camera's MJPEG.
func (r *Renderer) compress(quality int) {
	img := &image.Gray{Pix: r.pix, Stride: W, Rect: image.Rect(0, 0, W, H)}
	var file bytes.Buffer
	if err := jpeg.Encode(&file, img, &jpeg.Options{Quality: quality}); err != nil {
		panic(fmt.Sprintf("compress a frame: %v", err))
	}
	back, err := jpeg.Decode(&file)
	if err != nil {
		panic(fmt.Sprintf("decompress a frame: %v", err))
	}
	gray := back.(*image.Gray)
	for y := range H {
		copy(r.pix[y*W:(y+1)*W], gray.Pix[y*gray.Stride:])
	}
}
