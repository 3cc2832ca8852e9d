package main

import (
	"crypto/tls"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

// runIdle opens connections, brings each to a state and holds them until it is ended or -hold is over.
// It prints "held N" when all are there.
func runIdle(args []string) error {
	f := flag.NewFlagSet("idle", flag.ExitOnError)
	addr := f.String("addr", "127.0.0.1:2525", "host:port")
	count := f.Int("connections", 1000, "how many")
	openers := f.Int("openers", 1, "how many are opened at a time: for servers that greet late")
	implicitTLS := f.Bool("tls", false, "TLS from the first byte")
	say := f.String("say", "", "bytes sent after the greeting; \\r\\n understood")
	hold := f.Duration("hold", time.Minute, "how long")
	if err := f.Parse(args); err != nil {
		return err
	}
	held := make([]net.Conn, *count)
	turns := make(chan int)
	var firstErr error
	var once sync.Once
	var wg sync.WaitGroup
	for range *openers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for index := range turns {
				nc, err := openIdle(*addr, *implicitTLS, unescape(*say))
				if err != nil {
					once.Do(func() { firstErr = err })
				}
				held[index] = nc
			}
		}()
	}
	for index := range *count {
		turns <- index
	}
	close(turns)
	wg.Wait()
	if firstErr != nil {
		return firstErr
	}
	fmt.Println("held", len(held))
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, os.Interrupt, syscall.SIGTERM)
	select {
	case <-ended:
	case <-time.After(*hold):
	}
	for _, nc := range held {
		nc.Close()
	}
	return nil
}

// openIdle connects, reads the greeting and says something; the reply stays unread.
func openIdle(addr string, implicitTLS bool, say string) (net.Conn, error) {
	nc, err := net.DialTimeout("tcp", addr, 10*time.Second)
	if err != nil {
		return nil, err
	}
	if implicitTLS {
		nc = tls.Client(nc, &tls.Config{InsecureSkipVerify: true})
	}
	_ = nc.SetDeadline(time.Now().Add(10 * time.Second))
	reply := make([]byte, 512)
	if _, err := nc.Read(reply); err != nil {
		return nil, err
	}
	if _, err := nc.Write([]byte(say)); err != nil {
		return nil, err
	}
	return nc, nc.SetDeadline(time.Time{})
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
