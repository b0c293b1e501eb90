package decode

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // pictures come in these two formats
	_ "image/png"
	"io"
)

// The limits of a picture that comes from outside.
const (
	ImageBytesMax  = 10 << 20
	ImagePixelsMax = 50_000_000
)

// ErrImageSize means that a picture is larger than the limits.
var ErrImageSize = errors.New("the picture is too large")

// ReadImage reads a PNG or JPEG. What it would unpack to is looked at first.
func ReadImage(r io.Reader) (image.Image, error) {
	text, err := io.ReadAll(io.LimitReader(r, ImageBytesMax+1))
	if err != nil {
		return nil, fmt.Errorf("read picture: %w", err)
	}
	if len(text) > ImageBytesMax {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrImageSize, ImageBytesMax)
	}
	config, _, err := image.DecodeConfig(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("not a PNG or JPEG picture: %w", err)
	}
	if int64(config.Width)*int64(config.Height) > ImagePixelsMax {
		return nil, fmt.Errorf("%w: %d by %d pixels", ErrImageSize, config.Width, config.Height)
	}
	img, _, err := image.Decode(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("damaged picture: %w", err)
	}
	return img, nil
}
