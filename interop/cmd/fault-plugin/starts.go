package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/hashicorp/go-plugin"

	"github.com/smtp-router/smtp-router/interop/internal/contract"
)

// startFaults are committed in place of serving; each one ends the process or keeps it for an hour.
var startFaults = map[string]func(){
	"linger": linger,
	// Silence, and lines that are no handshake.
	"mute":         sleep,
	"leaves":       func() { fmt.Fprintln(os.Stderr, "I am off") },
	"dies":         func() { _ = syscall.Kill(os.Getpid(), syscall.SIGSEGV); sleep() },
	"stopped":      func() { _ = syscall.Kill(os.Getpid(), syscall.SIGSTOP) },
	"closes":       func() { _ = os.Stdout.Close(); sleep() },
	"garbage":      func() { say("hello, I am not a plugin\n") },
	"refuse":       func() { say("1|9|unix|/nonexistent/socket|netrpc|\n") },
	"core":         func() { say("2|1|unix|/nonexistent/socket|netrpc|\n") },
	"word":         func() { say("1|one|unix|/nonexistent/socket|netrpc|\n") },
	"three-fields": func() { say("1|1|unix\n") },
	"network":      func() { say("1|1|carrier-pigeon|/nonexistent/socket|netrpc|\n") },
	"transport":    func() { say("1|1|unix|/nonexistent/socket|soap|\n") },
	"unfinished":   func() { say("1|1|unix|/nonexist") },
	"endless-line": func() { say(string(bytes.Repeat([]byte("x"), 10<<20)) + "\n") },
	"cookie":       wrongCookie,
	// Addresses that lead nowhere, or to somebody else.
	"missing-socket": func() { say(line(filepath.Join(socketDirectory(), "nothing"))) },
	"file":           func() { say(line(madeFile())) },
	"link":           func() { say(line(linkTo(listen().Addr().String()))) },
	"foreign":        func() { say(line(givenAway(listen().Addr().String()))) },
	"open-tcp":       openTcp,
	// Sockets with nobody useful behind them.
	"never-accepts": func() { say(line(listen().Addr().String())) },
	"hangs-up":      func() { behind(func(conn net.Conn) { _ = conn.Close() }) },
	"wordless":      func() { behind(func(net.Conn) {}) },
	"http":          func() { behind(func(conn net.Conn) { _, _ = conn.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n")) }) },
	"echo":          func() { behind(echo) },
}

func sleep() { time.Sleep(time.Hour) }

// say prints what may be a handshake, and waits.
func say(text string) {
	fmt.Print(text)
	sleep()
}

// line is a proper handshake that names a socket.
func line(path string) string { return fmt.Sprintf("1|1|unix|%s|netrpc|\n", path) }

func socketDirectory() string { return os.Getenv("PLUGIN_UNIX_SOCKET_DIR") }

func listen() net.Listener {
	listener, err := net.Listen("unix", filepath.Join(socketDirectory(), "plugin"))
	if err != nil {
		panic(err)
	}
	return listener
}

// behind listens, says so, and does one thing with every connection.
func behind(meet func(net.Conn)) {
	listener := listen()
	fmt.Print(line(listener.Addr().String()))
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go meet(conn)
	}
}

// echo sends every byte back to where it came from.
func echo(conn net.Conn) {
	buffer := make([]byte, 4096)
	for {
		length, err := conn.Read(buffer)
		if err != nil {
			return
		}
		if _, err := conn.Write(buffer[:length]); err != nil {
			return
		}
	}
}

func madeFile() string {
	path := filepath.Join(socketDirectory(), "file")
	if err := os.WriteFile(path, []byte("no socket"), 0o600); err != nil {
		panic(err)
	}
	return path
}

func linkTo(path string) string {
	link := path + ".link"
	if err := os.Symlink(path, link); err != nil {
		panic(err)
	}
	return link
}

// givenAway makes the socket somebody else's; a plugin that may not do that ends here.
func givenAway(path string) string {
	if err := os.Chown(path, 65534, 65534); err != nil {
		panic(err)
	}
	return path
}

// openTcp serves well, on a port everybody of this machine can reach.
func openTcp() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	say(fmt.Sprintf("1|1|tcp|%s|netrpc|\n", listener.Addr()))
}

// wrongCookie serves for another kind of host, and so refuses this one.
func wrongCookie() {
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: plugin.HandshakeConfig{
			ProtocolVersion:  1,
			MagicCookieKey:   "ANOTHER_HOST",
			MagicCookieValue: "good day",
		},
		Plugins: map[string]plugin.Plugin{contract.PluginName: &contract.AddressPlugin{}},
	})
}
