package configs

import (
	"maps"
	"slices"
)

// serialProfiles are what families of serial scanners have in common, as far as their
// makers' manuals say so. A key that stands in the file wins over its profile.
//
// Orders work only when the scanner is set to take them: a serial trigger, or a beep
// on BEL. Rates and framings are factory settings where a manual gives one.
var serialProfiles = map[string]Scanner{
	"generic": {},

	// Trigger by SYN T CR and SYN U CR, in serial trigger mode.
	"honeywell": {StartOrder: `\x16T\r`, StopOrder: `\x16U\r`},

	// Enabled and disabled by E and D, the beep by #@////.
	"cipherlab": {StartOrder: "E", StopOrder: "D", RefuseOrder: `#@////\r`},

	// Enabled and disabled by E and D; 34 and CR is the low tone.
	"datalogic": {StartOrder: "E", StopOrder: "D", RefuseOrder: `34\r`},

	// The beep on BEL, which has to be switched on.
	"zebra": {RefuseOrder: `\x07`},
}

// Profiles are the names of the profiles, in order.
func Profiles() []string { return slices.Sorted(maps.Keys(serialProfiles)) }

// fillProfile sets what the file leaves to the profile.
func (s *Scanner) fillProfile() {
	p := serialProfiles[s.Profile]
	orElse(&s.StartOrder, p.StartOrder)
	orElse(&s.StopOrder, p.StopOrder)
	orElse(&s.RefuseOrder, p.RefuseOrder)
}
