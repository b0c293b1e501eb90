package hidscan

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
)

// Selector says which device is meant: what is given must all fit. A device that
// does not fit is let alone.
type Selector struct {
	Path string // a device file, best one of by-id or by-path, which outlive replugging
	USB  string // vendor:product in hexadecimal digits, such as 0c2e:0b61
	Phys string // the kernel's words for where it is plugged in, such as usb-0000:00:14.0-2/input0
	Name string // the device's own name
}

var usbForm = regexp.MustCompile(`^[0-9a-fA-F]{4}:[0-9a-fA-F]{4}$`)

func (s Selector) check() error {
	switch {
	case s == Selector{}:
		return errors.New("no device is selected: give its path, usb, phys or device_name")
	case s.USB != "" && !usbForm.MatchString(s.USB):
		return fmt.Errorf("usb %q is no vendor:product such as 0c2e:0b61", s.USB)
	}
	return nil
}

// String is for messages.
func (s Selector) String() string {
	var parts []string
	for _, p := range []struct{ name, value string }{{"path", s.Path}, {"usb", s.USB}, {"phys", s.Phys},
		{"name", s.Name}} {
		if p.value != "" {
			parts = append(parts, p.name+" "+p.value)
		}
	}
	return strings.Join(parts, ", ")
}

// identity is what the kernel knows of a device.
type identity struct{ usb, phys, name string }

func (s Selector) fits(id identity) bool {
	return (s.USB == "" || strings.EqualFold(s.USB, id.usb)) && (s.Phys == "" || s.Phys == id.phys) &&
		(s.Name == "" || s.Name == id.name)
}

// devices are the files of one kind of device.
type devices interface {
	paths() ([]string, error)
	open(path string) (*os.File, error) // it must not block
	identity(file *os.File) (identity, error)
}

// find opens the one device that is meant. is says why a device is not of the kind
// that is looked for. Two that fit are none: which one is the scanner?
func find(among devices, s Selector, is func(*os.File) error) (*os.File, error) {
	paths := []string{s.Path}
	if s.Path == "" {
		var err error
		if paths, err = among.paths(); err != nil {
			return nil, err
		}
	}
	var found *os.File
	var faults []error
	for _, path := range paths {
		file, err := try(among, path, s, is)
		switch {
		case err != nil:
			faults = append(faults, err)
		case file != nil && found != nil:
			err := fmt.Errorf("two devices fit %s: %s and %s; select one by its path or phys", s,
				found.Name(), path)
			return nil, errors.Join(err, found.Close(), file.Close())
		case file != nil:
			found = file
		}
	}
	if found == nil {
		return nil, errors.Join(fmt.Errorf("no device fits %s", s), errors.Join(faults...))
	}
	return found, nil
}

// try opens one device and gives it if it fits; nil without an error if it does not.
func try(among devices, path string, s Selector, is func(*os.File) error) (*os.File, error) {
	file, err := among.open(path)
	if err != nil {
		return nil, err
	}
	id, err := among.identity(file)
	if err == nil && s.fits(id) {
		if err = is(file); err == nil {
			return file, nil
		}
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", path, err)
	}
	return nil, errors.Join(err, file.Close())
}
