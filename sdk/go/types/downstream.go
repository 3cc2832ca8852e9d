// Package types holds the values that cross the wire between the router and its plugins.
package types

// Downstream is one configured next-hop SMTP server, as generation 1 of the
// selector contract tells it. Field names are the wire: gob matches them by name.
type Downstream struct {
	// Addr is host:port.
	Addr string
	// User is the login at the downstream, empty without AUTH.
	User string
	// Pass is empty unless the operator set expose_passwords for this plugin.
	// Never log it.
	Pass string
}
