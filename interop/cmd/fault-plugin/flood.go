package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
)

// flood writes lines to standard output and standard error for ever.
func flood() {
	line := append(bytes.Repeat([]byte("flood "), 170), '\n')
	for {
		if _, err := os.Stderr.Write(line); err != nil {
			return
		}
		if _, err := os.Stdout.Write(line); err != nil {
			return
		}
	}
}

// longLine writes 1 MiB without a line end to both.
func longLine() {
	bytes := bytes.Repeat([]byte("long "), 1<<20/5)
	_, _ = os.Stderr.Write(bytes)
	_, _ = os.Stdout.Write(bytes)
}

// badLog writes lines a reader of hclog's JSON may stumble over.
func badLog() {
	for _, line := range []string{
		`{"@level":5,"@message":"a number for a level"}`,
		`{"@level":"loud","@message":"no such level"}`,
		`{"@level":"info","@message":{"an":"object"}}`,
		`{"@level":"info","@message":["a","list"],"@timestamp":"yesterday"}`,
		`{"@level":"info","@message":null,"@module":7}`,
		`{"@level":"info","@timestamp":-1}`,
		`{"@level":"info","@message":"half a rec`,
		`{"__proto__":{"level":"error"},"constructor":1,"toString":2,"@message":"names of ours"}`,
		`{"@message":"a big number","n":1e999,"m":123456789012345678901234567890}`,
		`{"@message":"\ud800 half of a pair \u0000\r\n","\u0000":"\u2028"}`,
		"{\"@message\":\"not UTF-8: \xff\xfe\xc0\x80\"}",
		strings.Repeat(`{"a":`, 20000),
		strings.Repeat(`[`, 60000),
		`{}`, `[]`, `null`, `""`, `0`, `{`, `}`, "\x00", "\x1b[31mred\x1b[0m", "",
	} {
		fmt.Fprintln(os.Stderr, line)
	}
}
