package configs

import (
	"slices"
	"strconv"
	"strings"
)

// fillCamera sets the defaults of a camera.
func (s *Scanner) fillCamera() {
	orElse(&s.Width, 1280)
	orElse(&s.Height, 720)
	orElse(&s.FPS, 30)
	orElse(&s.Format, "auto")
	orElse(&s.Exposure, "steady")
	orElse(&s.Gain, "leave")
	orElse(&s.Focus, "auto")
	orElse(&s.Brightness, "leave")
	orElse(&s.PowerLineHz, 50)
}

// camera checks what a camera has of its own.
func (c *checker) camera(key string, s Scanner) {
	if s.Path == "" {
		c.fault(key+".path", "a path such as /dev/v4l/by-path/…", "is missing")
	}
	c.within(key+".width", int64(s.Width), 160, 4096)
	c.within(key+".height", int64(s.Height), 120, 4096)
	c.within(key+".fps", int64(s.FPS), 1, 120)
	c.oneOf(key+".format", s.Format, "auto", "grey", "nv12", "yuyv", "mjpeg")
	c.setting(key+".exposure", s.Exposure, 1, "steady", "auto")
	c.setting(key+".gain", s.Gain, -65536, "leave")
	c.setting(key+".focus", s.Focus, 0, "auto")
	c.setting(key+".brightness", s.Brightness, -65536, "leave")
	if s.PowerLineHz != 50 && s.PowerLineHz != 60 {
		c.fault(key+".power_line_hz", "allowed: 50, 60", "%d is not allowed", s.PowerLineHz)
	}
}

// setting is a word, or a number in the camera's own units as a text.
func (c *checker) setting(key, value string, least int, words ...string) {
	n, err := strconv.Atoi(value)
	if !slices.Contains(words, value) && (err != nil || n < least || n > 65536) {
		c.fault(key, `allowed: "`+strings.Join(words, `", "`)+`", or a number in quotes from `+
			strconv.Itoa(least)+" to 65536", "%q is not allowed", value)
	}
}

// Number gives the number of a camera's setting; ok is false for a word.
func Number(setting string) (n int32, ok bool) {
	v, err := strconv.ParseInt(setting, 10, 32)
	return int32(v), err == nil
}
