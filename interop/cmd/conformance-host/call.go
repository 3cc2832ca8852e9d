package main

import (
	"encoding/json"
	"reflect"
	"time"

	"github.com/smtp-router/smtp-router/interop/internal/conformance"
)

// methods holds a zero argument and a zero reply of each method that is called by its name.
var methods = map[string][2]interface{}{
	"Version":     {false, 0},
	"Next":        {false, int64(0)},
	"Text":        {"", ""},
	"Bytes":       {[]byte{}, []byte{}},
	"Integer":     {int64(0), int64(0)},
	"Unsigned":    {uint64(0), uint64(0)},
	"Everything":  {conformance.Everything{}, conformance.Everything{}},
	"Moment":      {time.Time{}, time.Time{}},
	"Fail":        {"", ""},
	"Sleep":       {0, 0},
	"Environment": {false, []string{}},
	"Print":       {"", false},
	"Write":       {conformance.Output{}, false},
	"Log":         {conformance.Record{}, false},
	"Die":         {false, ""},
	// A method nobody has, and one with an argument of another type than it wants.
	"Nothing":  {"", ""},
	"Mistaken": {conformance.Inner{}, ""},
}

// aliases are methods called by another name, to say something wrong to them.
var aliases = map[string]string{"Mistaken": "Plugin.Text", "Foreign": "Foreign.Text", "IllFormed": "Text"}

// call calls a method by its name, with an argument and a reply in JSON.
func (h *host) call(kit int, name string, value json.RawMessage) (interface{}, error) {
	if name == "Any" {
		return h.callAny(kit, value)
	}
	types, ok := methods[name]
	if !ok {
		types = methods["Text"]
	}
	argument := reflect.New(reflect.TypeOf(types[0]))
	if len(value) > 0 {
		if err := json.Unmarshal(value, argument.Interface()); err != nil {
			return nil, err
		}
	}
	answer := reflect.New(reflect.TypeOf(types[1]))
	method, ok := aliases[name]
	if !ok {
		method = "Plugin." + name
	}
	err := h.kits[kit].Call(method, argument.Elem().Interface(), answer.Interface())
	return answer.Elem().Interface(), err
}

// callAny hands over whatever JSON becomes in Go, inside of an interface.
func (h *host) callAny(kit int, value json.RawMessage) (interface{}, error) {
	var argument, answer interface{}
	if err := json.Unmarshal(value, &argument); err != nil {
		return nil, err
	}
	err := h.kits[kit].Call("Plugin.Any", &argument, &answer)
	return answer, err
}
