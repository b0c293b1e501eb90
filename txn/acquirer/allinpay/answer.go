package allinpay

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"saoma/terminal/txn"
)

// fieldsMax is how many fields an answer may have. Published ones have under 40.
const fieldsMax = 128

// The alarms: why an answer is not believed. They go to the journal and to the
// technician's page and never hold anything from the answer itself.
const (
	alarmUnsigned  = "the answer is not signed"
	alarmSignature = "the answer's signature does not verify"
	alarmMerchant  = "the answer is for another merchant"
	alarmOrder     = "the answer speaks of another order"
	alarmAmount    = "the answer speaks of another amount"
)

// read parses an answer and verifies its signature.
func (c *Client) read(text []byte) reply {
	fields, err := parseAnswer(text)
	if err != nil || fields["retcode"] == "" {
		return reply{layer: txn.LayerBank}
	}
	if fields["sign"] == "" {
		// Allinpay does not sign what its gateway refuses. Such a no proves
		// nothing, but it is no sign of an attack either.
		if fields["retcode"] != retSuccess {
			return reply{fields: fields, layer: txn.LayerBank}
		}
		return reply{fields: fields, layer: txn.LayerSignature, alarm: alarmUnsigned}
	}
	if !c.verifier(fields.signedText(), fields["sign"]) {
		return reply{fields: fields, layer: txn.LayerSignature, alarm: alarmSignature}
	}
	return reply{fields: fields, authentic: true}
}

// parseAnswer reads one flat JSON object. Numbers and booleans keep the text they
// came with, null is empty. A name that stands twice is refused: two readers could
// take two different values, and only one of them was verified.
func parseAnswer(text []byte) (params, error) {
	if !utf8.Valid(text) {
		return nil, errors.New("not UTF-8")
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return nil, errors.New("not a JSON object")
	}
	fields := params{}
	for dec.More() {
		key, value, err := parseField(dec)
		if err != nil {
			return nil, err
		}
		if _, twice := fields[key]; twice {
			return nil, errors.New("a field stands twice")
		}
		if len(fields) == fieldsMax {
			return nil, fmt.Errorf("more than %d fields", fieldsMax)
		}
		fields[key] = value
	}
	if _, err := dec.Token(); err != nil {
		return nil, errors.New("the object does not end")
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, errors.New("something follows the object")
	}
	return fields, nil
}

func parseField(dec *json.Decoder) (key, value string, err error) {
	name, err := dec.Token()
	if err != nil {
		return "", "", errors.New("not a field")
	}
	token, err := dec.Token()
	if err != nil {
		return "", "", errors.New("not a value")
	}
	key, _ = name.(string)
	switch v := token.(type) {
	case string:
		return key, v, nil
	case json.Number:
		return key, v.String(), nil
	case bool:
		return key, fmt.Sprint(v), nil
	case nil:
		return key, "", nil
	}
	return "", "", errors.New("a value within a value")
}
