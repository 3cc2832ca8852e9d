package main

import (
	"encoding/json"
	"fmt"
	"net/rpc"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/go-plugin"

	"github.com/smtp-router/smtp-router/interop/internal/conformance"
	"github.com/smtp-router/smtp-router/interop/internal/locked"
)

// request is one line of stdin.
type request struct {
	// Do is what to do; see host.do.
	Do string `json:"do"`
	// Name is a plugin to dispense, or a method to call.
	Name string `json:"name"`
	// Kit is the number of a dispensed kit, in order from 0.
	Kit int `json:"kit"`
	// Value is the argument of the method.
	Value json.RawMessage `json:"value"`
	// Count is how many calls are made at once.
	Count int `json:"count"`
}

// reply is one line of stdout.
type reply struct {
	Error string      `json:"error"`
	Value interface{} `json:"value"`
}

// host is the library's host with all it heard.
type host struct {
	client              *plugin.Client
	protocol            plugin.ClientProtocol
	kits                []*conformance.Client
	grpcKits            []*conformance.GRPCClient
	log, stdout, stderr locked.Buffer
}

// do does one thing and answers what came of it.
func (h *host) do(asked request) (interface{}, error) {
	switch asked.Do {
	case "start":
		return h.start()
	case "ping":
		return nil, h.protocol.Ping()
	case "dispense":
		return h.dispense(asked.Name)
	case "call":
		if len(h.grpcKits) > 0 {
			return h.callGRPC(asked)
		}
		return h.call(asked.Kit, asked.Name, asked.Value)
	case "calls":
		return nil, h.calls(asked)
	case "callback":
		if len(h.grpcKits) > 0 {
			return h.grpcKits[asked.Kit].CallBack()
		}
		return h.kits[asked.Kit].CallBack()
	case "offer":
		if len(h.grpcKits) > 0 {
			return h.grpcKits[asked.Kit].Offer()
		}
		return h.offer(asked.Kit)
	case "output":
		return map[string]string{"stdout": h.stdout.String(), "stderr": h.stderr.String()}, nil
	case "log":
		return strings.Split(strings.TrimSpace(h.log.String()), "\n"), nil
	case "exited":
		return h.client.Exited(), nil
	case "kill":
		began := time.Now()
		h.client.Kill()
		return map[string]interface{}{"ms": time.Since(began).Milliseconds(), "exited": h.client.Exited()}, nil
	default:
		return nil, fmt.Errorf("%q is nothing to do", asked.Do)
	}
}

func (h *host) start() (interface{}, error) {
	protocol, err := h.client.Client()
	if err != nil {
		return nil, err
	}
	h.protocol = protocol
	reattach := h.client.ReattachConfig()
	return map[string]interface{}{
		"protocol": string(h.client.Protocol()),
		"version":  h.client.NegotiatedVersion(),
		"network":  reattach.Addr.Network(),
		"address":  reattach.Addr.String(),
		"pid":      reattach.Pid,
	}, nil
}

func (h *host) dispense(name string) (interface{}, error) {
	raw, err := h.protocol.Dispense(name)
	if err != nil {
		return nil, err
	}
	if kit, ok := raw.(*conformance.GRPCClient); ok {
		h.grpcKits = append(h.grpcKits, kit)
		return len(h.grpcKits) - 1, nil
	}
	h.kits = append(h.kits, raw.(*conformance.Client))
	return len(h.kits) - 1, nil
}

// callGRPC calls a method that takes and answers a text.
func (h *host) callGRPC(asked request) (interface{}, error) {
	var argument string
	if err := json.Unmarshal(asked.Value, &argument); err != nil {
		return nil, err
	}
	answer, err := h.grpcKits[asked.Kit].Call(asked.Name, []byte(argument))
	return string(answer), err
}

// offer calls the kit the plugin serves on a broker id of its own.
func (h *host) offer(kit int) (interface{}, error) {
	var id uint32
	if err := h.kits[kit].Call("Plugin.Offer", true, &id); err != nil {
		return nil, err
	}
	conn, err := h.kits[kit].Broker.Dial(id)
	if err != nil {
		return nil, err
	}
	client := rpc.NewClient(conn)
	defer client.Close()
	var answer string
	err = client.Call("Plugin.Text", "offered", &answer)
	return answer, err
}

// calls makes many calls of Text at once and checks each answer.
func (h *host) calls(asked request) error {
	failures := make(chan error, asked.Count)
	var all sync.WaitGroup
	for i := 0; i < asked.Count; i++ {
		all.Add(1)
		go func(text string) {
			defer all.Done()
			var answer string
			if err := h.kits[asked.Kit].Call("Plugin.Text", text, &answer); err != nil {
				failures <- err
			} else if answer != text {
				failures <- fmt.Errorf("%q was answered by %q", text, answer)
			}
		}(fmt.Sprintf("call %d", i))
	}
	all.Wait()
	close(failures)
	return <-failures
}
