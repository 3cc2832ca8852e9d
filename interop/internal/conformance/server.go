package conformance

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/rpc"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
)

// The process's own output, which plugin.Serve replaces later.
var realStdout, realStderr = os.Stdout, os.Stderr

// Server is the kit; net/rpc registers it as Plugin. Each dispense makes a new one.
type Server struct {
	broker  *plugin.MuxBroker
	version int
	calls   atomic.Int64
}

// Version answers the version of the set the kit stands in.
func (s *Server) Version(_ bool, answer *int) error {
	*answer = s.version
	return nil
}

// Pid answers the number of its process.
func (s *Server) Pid(_ bool, answer *int) error {
	*answer = os.Getpid()
	return nil
}

// Next counts the calls of this object.
func (s *Server) Next(_ bool, answer *int64) error {
	*answer = s.calls.Add(1)
	return nil
}

// Text answers its argument.
func (s *Server) Text(text string, answer *string) error {
	*answer = text
	return nil
}

// Bytes answers its argument.
func (s *Server) Bytes(data []byte, answer *[]byte) error {
	*answer = data
	return nil
}

// Integer answers its argument.
func (s *Server) Integer(number int64, answer *int64) error {
	*answer = number
	return nil
}

// Unsigned answers its argument.
func (s *Server) Unsigned(number uint64, answer *uint64) error {
	*answer = number
	return nil
}

// Everything answers its argument.
func (s *Server) Everything(value Everything, answer *Everything) error {
	*answer = value
	return nil
}

// Describe answers its argument as JSON: what Go made of it.
func (s *Server) Describe(value Everything, answer *string) error {
	text, err := json.Marshal(value)
	*answer = string(text)
	return err
}

// Any answers what the interface holds.
func (s *Server) Any(value interface{}, answer *interface{}) error {
	*answer = value
	return nil
}

// Stranger answers an interface that holds a type nobody registered.
func (s *Server) Stranger(_ bool, answer *interface{}) error {
	*answer = struct{ Unknown int }{1}
	return nil
}

// Moment answers its argument a second later.
func (s *Server) Moment(when time.Time, answer *time.Time) error {
	*answer = when.Add(time.Second)
	return nil
}

// Fail fails with its argument.
func (s *Server) Fail(text string, _ *string) error { return errors.New(text) }

// Sleep answers after so many milliseconds; 0 or less: never.
func (s *Server) Sleep(milliseconds int, answer *int) error {
	if milliseconds <= 0 {
		select {}
	}
	time.Sleep(time.Duration(milliseconds) * time.Millisecond)
	*answer = milliseconds
	return nil
}

// Panic panics with its argument.
func (s *Server) Panic(text string, _ *string) error { panic(text) }

// Die kills its process.
func (s *Server) Die(_ bool, _ *string) error {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}

// Environment answers the variables of its process.
func (s *Server) Environment(_ bool, answer *[]string) error {
	*answer = os.Environ()
	return nil
}

// Print prints on the two streams as a plugin's own code would.
func (s *Server) Print(text string, _ *bool) error {
	fmt.Fprint(os.Stdout, text+" on stdout\n")
	fmt.Fprint(os.Stderr, text+" on stderr\n")
	return nil
}

// Write writes to the process's own streams.
func (s *Server) Write(output Output, _ *bool) error {
	stream := realStderr
	if output.Stream == "stdout" {
		stream = realStdout
	}
	_, err := stream.WriteString(strings.Repeat(output.Text, output.Count))
	return err
}

// Log writes a record as hclog does.
func (s *Server) Log(record Record, _ *bool) error {
	logger := hclog.New(&hclog.LoggerOptions{
		Name: "kit", Level: hclog.Trace, Output: realStderr, JSONFormat: true,
	})
	logger.Log(hclog.LevelFromString(record.Level), record.Message, "number", 7, "list", []int{1, 2})
	return nil
}

// CallBack dials the broker id and asks the kit there for a text.
func (s *Server) CallBack(id uint32, answer *string) error {
	conn, err := s.broker.Dial(id)
	if err != nil {
		return err
	}
	client := rpc.NewClient(conn)
	defer client.Close()
	return client.Call("Plugin.Text", "called back", answer)
}

// Offer answers a broker id a kit of its own waits on.
func (s *Server) Offer(_ bool, answer *uint32) error {
	*answer = s.broker.NextId()
	go s.broker.AcceptAndServe(*answer, &Server{broker: s.broker})
	return nil
}
