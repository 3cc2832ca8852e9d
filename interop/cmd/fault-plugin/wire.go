package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"github.com/hashicorp/go-plugin"

	"github.com/smtp-router/smtp-router/interop/internal/contract"
)

// A plugin that speaks through a wire it can spoil: go-plugin's own server on one side, the host on the other,
// and between them a connection that lets frames of yamux be slipped in where one of its own has ended.

// Frames of yamux (hashicorp/yamux spec.md).
const (
	frameData   = 0
	frameUpdate = 1
	framePing   = 2
	frameGoAway = 3

	flagSyn = 1
	flagFin = 4
	flagRst = 8

	// callStream carries the calls: the host's fourth, after those for control, stdout and stderr.
	callStream = 7
)

// wireFaults commit a fault in the middle of a call, which is answered behind it unless the fault never ends.
// A fault of the start has a wire of its own.
var wireFaults = map[string]func(*wire){
	"in-pieces": nil, // the handshake line in pieces; serves well
	"bad-version": func(w *wire) {
		w.inject(bytes.Repeat([]byte{0xff}, 64))
	},
	"bad-type":       func(w *wire) { w.inject(frame(9, 0, 0, 0)) },
	"window-overrun": func(w *wire) { w.inject(data(callStream, make([]byte, 300<<10))) },
	"lying-length":   func(w *wire) { w.inject(frame(frameData, 0, callStream, 1<<31)) },
	"window-forged":  func(w *wire) { w.inject(repeat(frame(frameUpdate, 0, callStream, 0xffffffff), 4)) },
	"stream-reuse":   func(w *wire) { w.inject(repeat(frame(frameUpdate, flagSyn, 2, 0), 2)) },
	"wrong-parity":   func(w *wire) { w.inject(frame(frameUpdate, flagSyn, callStream+2, 0)) },
	"many-streams":   func(w *wire) { w.inject(streams(10_000)) },
	"unknown-stream": func(w *wire) { w.inject(data(4711, make([]byte, 1000))) },
	"ping-flood":     func(w *wire) { go w.forever(repeat(frame(framePing, flagSyn, 0, 1), 1000)) },
	"print-flood":    func(w *wire) { go w.printForever() },
	"print-overrun":  func(w *wire) { go w.forever(data(3, bytes.Repeat([]byte("print\n"), 1000))) },
	"go-away":        func(w *wire) { w.inject(frame(frameGoAway, 0, 0, 0)) },
	"go-away-error":  func(w *wire) { w.inject(frame(frameGoAway, 0, 0, 1)) },
	"finish":         func(w *wire) { w.inject(frame(frameData, flagFin, callStream, 0)); sleep() },
	"reset":          func(w *wire) { w.inject(frame(frameData, flagRst, callStream, 0)); sleep() },
	"hang-up":        func(w *wire) { _ = w.Close(); sleep() },
	"half-answer":    func(w *wire) { w.inject(frame(frameData, 0, callStream, 100)); os.Exit(5) },
	"drip":           func(w *wire) { w.drip() },
	"gob-length": func(w *wire) {
		// 2^40 as a gob number: the count of its bytes, complemented, then the bytes.
		w.inject(data(callStream, []byte{0xfa, 1, 0, 0, 0, 0, 0}))
	},
	"gob-garbage":  func(w *wire) { w.inject(data(callStream, []byte{3, 0xff, 0xff, 0xff})) },
	"gob-again":    func(w *wire) { w.repeatAnswer(1) },
	"gob-replay":   func(w *wire) { w.repeatAnswer(1000) },
	"other-answer": func(w *wire) { w.inject(data(callStream, w.lastAnswer())); sleep() },
}

// serveOnWire listens, shakes hands and serves the one host that comes, until it leaves.
func serveOnWire(selector *faultySelector, fault func(*wire)) {
	listener := listen()
	shakeHands(listener.Addr().String(), selector.options.fault == "in-pieces")
	conn, err := listener.Accept()
	if err != nil {
		panic(err)
	}
	read, printed := io.Pipe()
	w := &wire{Conn: conn, printed: printed}
	w.ended.L = &w.lock
	if fault != nil {
		selector.onWire = func() { fault(w) }
	}
	nothing, _ := io.Pipe()
	done := make(chan struct{})
	server := &plugin.RPCServer{
		Plugins: map[string]plugin.Plugin{contract.PluginName: &contract.AddressPlugin{Impl: selector}},
		Stdout:  read,
		Stderr:  nothing,
		DoneCh:  done,
	}
	go server.ServeConn(w)
	<-done
}

// shakeHands prints the line; in pieces, byte by byte with a pause behind each.
func shakeHands(path string, inPieces bool) {
	for _, piece := range line(path) {
		fmt.Print(string(piece))
		if inPieces {
			time.Sleep(2 * time.Millisecond)
		}
	}
}

// wire is the connection to the host.
type wire struct {
	net.Conn
	lock sync.Mutex
	// ended is told whenever a frame of the server is complete.
	ended sync.Cond
	// left is what the frame under way still lacks.
	left int
	// answer is the payload of the last data frame on the stream of calls, kept for repeatAnswer.
	answer    []byte
	isCalls   bool
	isDripped bool
	// printed is what go-plugin sends as standard output.
	printed io.Writer
}

// Write gets headers and payloads of yamux frames, each in a call of its own.
func (w *wire) Write(bytes []byte) (int, error) {
	w.lock.Lock()
	defer w.lock.Unlock()
	if w.left > 0 {
		w.left -= len(bytes)
		if w.isCalls {
			w.answer = append(w.answer, bytes...)
		}
	} else if bytes[1] == frameData {
		w.left = int(binary.BigEndian.Uint32(bytes[8:]))
		w.isCalls = binary.BigEndian.Uint32(bytes[4:]) == callStream
		if w.isCalls {
			w.answer = nil
		}
	}
	if w.left == 0 {
		w.ended.Broadcast()
	}
	if w.isDripped {
		return w.dripOut(bytes)
	}
	return w.Conn.Write(bytes)
}

// inject sends frames of its own, behind a complete one of the server's.
func (w *wire) inject(frames []byte) {
	w.lock.Lock()
	defer w.lock.Unlock()
	for w.left > 0 {
		w.ended.Wait()
	}
	_, _ = w.Conn.Write(frames)
}

func (w *wire) forever(frames []byte) {
	for {
		w.lock.Lock()
		for w.left > 0 {
			w.ended.Wait()
		}
		_, err := w.Conn.Write(frames)
		w.lock.Unlock()
		if err != nil {
			return
		}
	}
}

// printForever prints as fast as the host grants window for it.
func (w *wire) printForever() {
	lines := bytes.Repeat([]byte("print\n"), 1000)
	for {
		if _, err := w.printed.Write(lines); err != nil {
			return
		}
	}
}

// drip has everything from now on leave at one byte a second.
func (w *wire) drip() {
	w.lock.Lock()
	defer w.lock.Unlock()
	w.isDripped = true
}

func (w *wire) dripOut(bytes []byte) (int, error) {
	for at := range bytes {
		if _, err := w.Conn.Write(bytes[at : at+1]); err != nil {
			return at, err
		}
		time.Sleep(time.Second)
	}
	return len(bytes), nil
}

// lastAnswer is what the call before this one was answered, header and all.
func (w *wire) lastAnswer() []byte {
	w.lock.Lock()
	defer w.lock.Unlock()
	return append([]byte(nil), w.answer...)
}

// repeatAnswer sends the answer to the last call so many times again, within what the host takes.
func (w *wire) repeatAnswer(times int) {
	answer := data(callStream, w.lastAnswer())
	for count := 0; count < times; count++ {
		w.inject(answer)
	}
}

func frame(kind, flags uint16, stream, length uint32) []byte {
	header := make([]byte, 12)
	header[1] = byte(kind)
	binary.BigEndian.PutUint16(header[2:], flags)
	binary.BigEndian.PutUint32(header[4:], stream)
	binary.BigEndian.PutUint32(header[8:], length)
	return header
}

func data(stream uint32, payload []byte) []byte {
	return append(frame(frameData, 0, stream, uint32(len(payload))), payload...)
}

func repeat(frame []byte, times int) []byte { return bytes.Repeat(frame, times) }

// streams opens so many, each with an id of the plugin's side.
func streams(count int) []byte {
	var all []byte
	for id := 1; id <= count; id++ {
		all = append(all, frame(frameUpdate, flagSyn, uint32(2*id), 0)...)
	}
	return all
}
