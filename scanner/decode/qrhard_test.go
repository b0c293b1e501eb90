package decode

import (
	"fmt"
	"strings"
	"testing"
)

func TestAPictureOfOnePixelPerModuleIsRead(t *testing.T) {
	d := New()
	for _, text := range []string{payerCodes[0], strings.Repeat("0123456789abcdef", 130)} {
		matrix := modulesOf(t, text)
		dim := matrix.GetWidth()
		for module := range 4 {
			for _, margin := range []int{0, 4} {
				size := dim*(module+1) + 2*margin
				l := blank(size, size, 255)
				for y := range dim {
					for x := range dim {
						if matrix.Get(x, y) {
							l.fill(margin+x*(module+1), margin+y*(module+1), module+1, module+1, 0)
						}
					}
				}
				name := fmt.Sprintf("%d modules of %d pixels and a margin of %d", dim, module+1, margin)
				wantText(t, d.Decode(l), text, name)
			}
		}
	}
}
