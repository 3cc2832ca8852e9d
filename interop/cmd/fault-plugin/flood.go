package main

import (
	"bytes"
	"os"
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
