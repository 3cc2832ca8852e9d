package main

import (
	"encoding/json"
	"net"

	"github.com/hashicorp/go-plugin"
)

// reattachConfig reads the JSON programs hand running plugins over by.
func reattachConfig(text string) *plugin.ReattachConfig {
	var told struct {
		Protocol        plugin.Protocol
		ProtocolVersion int
		Pid             int
		Test            bool
		Addr            struct{ Network, String string }
	}
	if err := json.Unmarshal([]byte(text), &told); err != nil {
		panic(err)
	}
	return &plugin.ReattachConfig{
		Protocol:        told.Protocol,
		ProtocolVersion: told.ProtocolVersion,
		Pid:             told.Pid,
		Test:            told.Test,
		Addr:            &net.UnixAddr{Net: told.Addr.Network, Name: told.Addr.String},
	}
}
