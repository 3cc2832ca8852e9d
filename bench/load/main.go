// Command load is the traffic source and sink of the benchmarks: an SMTP generator with closed and
// open loop, AUTH, TLS and pipelining, and a sink that can speak TLS. Only loopback is meant.
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) < 2 {
		usage()
	}
	var err error
	switch os.Args[1] {
	case "source":
		err = runSource(os.Args[2:])
	case "sink":
		err = runSink(os.Args[2:])
	case "idle":
		err = runIdle(os.Args[2:])
	default:
		usage()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func usage() {
	fmt.Fprintln(os.Stderr, "usage: load source|sink|idle [flags]   (load source -h)")
	os.Exit(2)
}
