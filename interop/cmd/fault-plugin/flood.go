package main

import (
	"bytes"
	"os"
)

// flood writes lines to file, and through the process's standard output, for ever.
func flood(file *os.File) {
	line := append(bytes.Repeat([]byte("flood "), 170), '\n')
	for {
		if _, err := file.Write(line); err != nil {
			return
		}
		if _, err := os.Stdout.Write(line); err != nil {
			return
		}
	}
}
