// Command my-selector is a selector plugin for smtp-router.
package main

import "github.com/smtp-router/smtp-router/sdk/go/selector"

func main() { selector.Serve(&Strategy{}) }
