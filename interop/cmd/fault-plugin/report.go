package main

import (
	"encoding/json"
	"os"

	"github.com/smtp-router/smtp-router/interop/internal/contract"
)

// sight is everything a plugin can see of its host: the document -report writes.
type sight struct {
	Environment []string              `json:"environment"`
	Arguments   []string              `json:"arguments"`
	Directory   string                `json:"directory"`
	Downstreams []contract.Downstream `json:"downstreams"`
}

// writeReport writes the document under a temporary name first, so that a reader never sees half of it.
func writeReport(file string, downstreams []contract.Downstream) error {
	directory, err := os.Getwd()
	if err != nil {
		return err
	}
	document, err := json.Marshal(sight{os.Environ(), os.Args, directory, downstreams})
	if err != nil {
		return err
	}
	if err := os.WriteFile(file+".part", document, 0o600); err != nil {
		return err
	}
	return os.Rename(file+".part", file)
}
