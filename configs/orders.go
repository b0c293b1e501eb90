package configs

import (
	"fmt"
	"strconv"
	"strings"
)

// orderMax is the longest order to a scanner, bytes.
const orderMax = 64

// escapes are the bytes that have a short name in an order.
var escapes = map[byte]byte{'r': '\r', 'n': '\n', 't': '\t', '\\': '\\'}

// Unescape gives the bytes that an order of the config stands for: \xNN is a byte,
// \r, \n, \t and \\ are what they are elsewhere.
func Unescape(order string) (string, error) {
	var bytes strings.Builder
	for rest := order; rest != ""; {
		before, after, found := strings.Cut(rest, `\`)
		bytes.WriteString(before)
		if !found {
			break
		}
		b, n, err := escaped(after)
		if err != nil {
			return "", err
		}
		bytes.WriteByte(b)
		rest = after[n:]
	}
	if bytes.Len() > orderMax {
		return "", fmt.Errorf("it has more than %d bytes", orderMax)
	}
	return bytes.String(), nil
}

// escaped gives the byte after a backslash, and how much stood for it.
func escaped(text string) (b byte, n int, err error) {
	if len(text) > 0 && escapes[text[0]] != 0 {
		return escapes[text[0]], 1, nil
	}
	if len(text) >= 3 && text[0] == 'x' {
		v, err := strconv.ParseUint(text[1:3], 16, 8)
		return byte(v), 3, err
	}
	return 0, 0, fmt.Errorf(`\%.3s is no byte`, text)
}
