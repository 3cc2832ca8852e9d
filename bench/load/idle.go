package main

import (
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"time"
)

// runIdle opens connections, brings each to a state and holds them until interrupted or -hold ends.
func runIdle(args []string) error {
	f := flag.NewFlagSet("idle", flag.ExitOnError)
	addr := f.String("addr", "127.0.0.1:2525", "host:port")
	count := f.Int("connections", 1000, "how many")
	say := f.String("say", "", "bytes sent after the greeting; \\r\\n understood")
	hold := f.Duration("hold", time.Minute, "how long")
	if err := f.Parse(args); err != nil {
		return err
	}
	var held []net.Conn
	greeting := make([]byte, 512)
	for range *count {
		nc, err := net.DialTimeout("tcp", *addr, 10*time.Second)
		if err != nil {
			return err
		}
		_ = nc.SetReadDeadline(time.Now().Add(10 * time.Second))
		if _, err := nc.Read(greeting); err != nil {
			return err
		}
		if _, err := nc.Write([]byte(unescape(*say))); err != nil {
			return err
		}
		held = append(held, nc)
	}
	fmt.Println("held", len(held))
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt)
	select {
	case <-interrupted:
	case <-time.After(*hold):
	}
	return nil
}

func unescape(s string) string {
	var out []byte
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
			switch s[i] {
			case 'r':
				out = append(out, '\r')
			case 'n':
				out = append(out, '\n')
			default:
				out = append(out, s[i])
			}
			continue
		}
		out = append(out, s[i])
	}
	return string(out)
}
