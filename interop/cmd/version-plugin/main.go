// version-plugin is a selector plugin whose behaviour is written behind its own program, so that one build serves as
// many versions as a test needs: a program is still a program with something appended to it. The last line of the
// file says what it does, `#version CHOICE FAULT`: it answers with the downstream at index CHOICE of those offered,
// unless it commits the FAULT.
//
//	none       answers
//	exit       ends before its handshake
//	mute       prints no handshake and never will
//	garbage    prints something that is no handshake
//	refuse     announces a version of the contract nobody offered
//	away       announces a socket that is not there
//	strange    serves no selector
//	error      answers with an error of net/rpc
//	unknown    answers with a downstream nobody offered
//	die        ends in the middle of the call
//	hang       never answers
package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/hashicorp/go-plugin"

	"github.com/smtp-router/smtp-router/interop/internal/contract"
)

// behaviour is what the last line of the program says.
type behaviour struct {
	choice int
	fault  string
}

func main() {
	chosen, err := readBehaviour()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	spoilStart(chosen.fault)
	name := contract.PluginName
	if chosen.fault == "strange" {
		name = "something else"
	}
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: contract.Handshake,
		Plugins:         map[string]plugin.Plugin{name: &contract.AddressPlugin{Impl: chosen}},
	})
}

// readBehaviour reads the end of the running program.
func readBehaviour() (behaviour, error) {
	path, err := os.Executable()
	if err != nil {
		return behaviour{}, err
	}
	program, err := os.ReadFile(path)
	if err != nil {
		return behaviour{}, err
	}
	var read behaviour
	lines := strings.Split(strings.TrimSuffix(string(program[max(0, len(program)-200):]), "\n"), "\n")
	_, err = fmt.Sscanf(lines[len(lines)-1], "#version %d %s", &read.choice, &read.fault)
	return read, err
}

// spoilStart commits the faults that happen before a plugin serves.
func spoilStart(fault string) {
	switch fault {
	case "exit":
		os.Exit(3)
	case "mute":
	case "garbage":
		fmt.Println("hello, I am not a plugin")
	case "refuse":
		fmt.Println("1|9|unix|/nonexistent/socket|netrpc|")
	case "away":
		fmt.Println("1|1|unix|/nonexistent/socket|netrpc|")
	default:
		return
	}
	time.Sleep(time.Hour)
}

// Select implements contract.AddressSelector.
func (b behaviour) Select(offered []contract.Downstream) (string, error) {
	switch b.fault {
	case "error":
		return "", errors.New("on purpose")
	case "unknown":
		return "nobody.example:25", nil
	case "die":
		os.Exit(4)
	case "hang":
		time.Sleep(time.Hour)
	}
	return offered[b.choice%len(offered)].Addr, nil
}
