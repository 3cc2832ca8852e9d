package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// options of one run; a message is counted when its final reply is 250.
type options struct {
	addrs     []string
	sessions  int
	messages  int
	seconds   float64
	size      int
	perConn   bool // one message per connection
	auth      string
	tlsMode   string
	pipelined bool
	rate      float64 // messages per second, 0 = closed loop
	warmup    float64 // seconds whose messages are not counted
	timeout   time.Duration
	from, to  string
}

// report is printed as one JSON line. Accepted counts every message answered with 250, warm-up and end
// included, so that it can be compared with what the sinks took.
type report struct {
	Sent      int64   `json:"sent"`
	Accepted  int64   `json:"accepted"`
	Failed    int64   `json:"failed"`
	Seconds   float64 `json:"seconds"`
	PerSecond float64 `json:"per_second"`
	P50       float64 `json:"p50_ms"`
	P95       float64 `json:"p95_ms"`
	P99       float64 `json:"p99_ms"`
	Max       float64 `json:"max_ms"`
	Error     string  `json:"error,omitempty"`
}

func runSource(args []string) error {
	o, err := parseSource(args)
	if err != nil {
		return err
	}
	r := newRun(o)
	r.start()
	return json.NewEncoder(os.Stdout).Encode(r.report())
}

func parseSource(args []string) (options, error) {
	var o options
	var addrs, mode string
	f := flag.NewFlagSet("source", flag.ExitOnError)
	f.StringVar(&addrs, "addr", "127.0.0.1:2525", "host:port, several by comma: connections take turns")
	f.IntVar(&o.sessions, "sessions", 20, "concurrent connections")
	f.IntVar(&o.messages, "messages", 0, "stop after so many counted messages")
	f.Float64Var(&o.seconds, "seconds", 0, "stop after so many counted seconds")
	f.IntVar(&o.size, "size", 10240, "bytes of content")
	f.StringVar(&mode, "mode", "many", "many | one messages per connection")
	f.StringVar(&o.auth, "auth", "", "user:password for AUTH PLAIN")
	f.StringVar(&o.tlsMode, "tls", "off", "off | starttls | implicit")
	f.BoolVar(&o.pipelined, "pipelining", false, "MAIL, RCPT, DATA in one write")
	f.Float64Var(&o.rate, "rate", 0, "open loop: messages per second")
	f.Float64Var(&o.warmup, "warmup", 0, "seconds not counted first")
	f.DurationVar(&o.timeout, "timeout", 30*time.Second, "per message")
	f.StringVar(&o.from, "from", "a@load.test", "reverse-path")
	f.StringVar(&o.to, "to", "b@sink.test", "forward-path")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	o.addrs = strings.Split(addrs, ",")
	o.perConn = mode == "one"
	if o.messages == 0 && o.seconds == 0 {
		return o, fmt.Errorf("give -messages or -seconds")
	}
	return o, nil
}

// run is the shared state of all sessions.
type run struct {
	o         options
	content   []byte
	counting  atomic.Bool
	stop      atomic.Bool
	sent      atomic.Int64
	accepted  atomic.Int64
	failed    atomic.Int64
	firstErr  atomic.Value
	began     time.Time
	elapsed   time.Duration
	latencies []*histogram
	slots     chan time.Time
}

func newRun(o options) *run {
	r := &run{o: o, content: makeContent(o.size)}
	for range o.sessions {
		r.latencies = append(r.latencies, &histogram{})
	}
	if o.rate > 0 {
		r.slots = make(chan time.Time, o.sessions)
	}
	return r
}

func (r *run) start() {
	var wg sync.WaitGroup
	for i := range r.o.sessions {
		wg.Add(1)
		go func() {
			defer wg.Done()
			r.session(i)
		}()
	}
	if r.slots != nil {
		go r.pace()
	}
	time.Sleep(time.Duration(r.o.warmup * float64(time.Second)))
	r.began = time.Now()
	r.counting.Store(true)
	fmt.Fprintln(os.Stderr, "counting")
	r.awaitEnd()
	r.elapsed = time.Since(r.began)
	r.stop.Store(true)
	fmt.Fprintln(os.Stderr, "counted")
	wg.Wait()
}

func (r *run) awaitEnd() {
	for {
		time.Sleep(2 * time.Millisecond)
		done := r.sent.Load() + r.failed.Load()
		if r.o.messages > 0 && done >= int64(r.o.messages) {
			return
		}
		if r.o.seconds > 0 && time.Since(r.began).Seconds() >= r.o.seconds {
			return
		}
	}
}

// pace hands out send times at the open-loop rate; the clock of a message starts at its slot.
func (r *run) pace() {
	interval := time.Duration(float64(time.Second) / r.o.rate)
	next := time.Now()
	for !r.stop.Load() {
		if wait := time.Until(next); wait > 0 {
			time.Sleep(wait)
		}
		select {
		case r.slots <- next:
		default: // every session is busy: not counted, keep the rate below half of the capacity
		}
		next = next.Add(interval)
	}
	close(r.slots)
}

func (r *run) session(index int) {
	var c *conn
	defer func() {
		if c != nil {
			c.quit()
		}
	}()
	for !r.stop.Load() {
		began, ok := r.nextStart()
		if !ok {
			return
		}
		var err error
		if c == nil {
			if c, err = dial(r.o, r.o.addrs[index%len(r.o.addrs)]); err != nil {
				r.fail(err)
				c = nil
				time.Sleep(20 * time.Millisecond)
				continue
			}
		}
		if err = c.send(r.o, r.content); err != nil {
			r.fail(err)
			c.close()
			c = nil
			continue
		}
		if r.o.perConn {
			c.quit()
			c = nil
		}
		r.ok(index, time.Since(began))
	}
}

func (r *run) nextStart() (time.Time, bool) {
	if r.slots == nil {
		return time.Now(), true
	}
	slot, ok := <-r.slots
	if !ok {
		return slot, false
	}
	return time.Now(), true
}

func (r *run) ok(index int, d time.Duration) {
	r.accepted.Add(1)
	if r.counting.Load() && !r.stop.Load() {
		r.sent.Add(1)
		r.latencies[index].add(d)
	}
}

func (r *run) fail(err error) {
	if !r.stop.Load() {
		r.firstErr.CompareAndSwap(nil, err.Error())
		r.failed.Add(1)
	}
}

func (r *run) report() report {
	all := &histogram{}
	for _, h := range r.latencies {
		all.merge(h)
	}
	out := report{
		Sent: r.sent.Load(), Accepted: r.accepted.Load(), Failed: r.failed.Load(), Seconds: r.elapsed.Seconds(),
		P50: all.quantile(0.5), P95: all.quantile(0.95), P99: all.quantile(0.99), Max: all.quantile(1),
	}
	out.PerSecond = float64(out.Sent) / out.Seconds
	if e, ok := r.firstErr.Load().(string); ok {
		out.Error = e
	}
	return out
}
