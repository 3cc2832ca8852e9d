// Package selector is the SDK for plugins of generation 2 of the selector
// contract: write a type with Select, hand it to Serve. Hosts of generation 1
// are served beside it. The structs are the wire: their fields are those of
// selector.proto, and gob matches them by name.
package selector

// ContractVersion is the generation these structs belong to.
const ContractVersion = 2

// SelectRequest is everything a selection may be based on. It never holds a
// secret.
type SelectRequest struct {
	// ContractVersion is 2, or 1 when the host told no more than the list of
	// downstreams.
	ContractVersion uint32
	// RequestId is unique per selection.
	RequestId string
	// DryRun says that nothing will be sent: decide as ever, change no state.
	DryRun bool
	// TimeoutMs is how long the host waits; the context ends with it.
	TimeoutMs uint32
	// Attempt is 1 for the first try of a message.
	Attempt uint32
	// Now is the wall clock of the host, Unix milliseconds.
	Now int64
	// Seed is random, below 2^53, so that a random choice can be repeated.
	Seed     uint64
	Session  Session
	Envelope Envelope
	Message  Message
	// Downstreams are the candidates in configured order.
	Downstreams []Downstream
	// History holds earlier attempts for this message, oldest first.
	History []HistoryEntry
}

// Session is the SMTP session the message came in by.
type Session struct {
	// Listener is address:port.
	Listener      string
	ClientAddress string
	// Helo is the argument of EHLO or HELO.
	Helo  string
	IsTls bool
	// User is the identity the mail is sent under.
	User string
}

// Envelope is the SMTP envelope.
type Envelope struct {
	// MailFrom has no angle brackets; empty for the null reverse-path.
	MailFrom string
	// MailParameters are KEYWORD or KEYWORD=value.
	MailParameters []string
	// Recipients are those still to be delivered.
	Recipients []Recipient
}

// Recipient is one forward-path.
type Recipient struct {
	// Id is stable within the message; routes refer to it.
	Id      uint32
	Address string
	// Domain is in lower case; empty for <Postmaster>.
	Domain string
}

// Message is what the host knows of the content.
type Message struct {
	SizeBytes uint64
	MessageId string
	Subject   string
	// From is the address of the first mailbox of the header field.
	From string
	// Headers are the fields asked for in Describe, in message order.
	Headers []Header
}

// Header is one header field, unfolded.
type Header struct{ Name, Value string }

// DownstreamState says where a downstream stands.
type DownstreamState int32

// States of a downstream.
const (
	StateUnspecified DownstreamState = iota
	StateUp
	StateProbing
	StateThrottled
	StateDown
	StateDisabled
)

// Downstream is one SMTP server mail may go to, as the host sees it now.
type Downstream struct {
	// Id is the name in the configuration; routes refer to it.
	Id string
	// Addr is host:port.
	Addr string
	// User is the login there; empty without AUTH.
	User   string
	Weight uint32
	Labels map[string]string
	// Cost is the price of 1000 messages; it means something only with HasCost.
	Cost         float64
	HasCost      bool
	Capabilities Capabilities
	State        DownstreamState
	// LatencyMs is the smoothed time from MAIL to the final reply; it means
	// something only with HasLatency.
	LatencyMs  uint32
	HasLatency bool
	// InFlight counts the mail transactions open there now.
	InFlight uint32
}

// Healthy says that nothing is known against the downstream.
func (d Downstream) Healthy() bool { return d.State == StateUp || d.State == StateUnspecified }

// CompareHealth is negative when only d is healthy and positive when only other
// is: what slices.SortStableFunc wants, to have healthy ones first.
func (d Downstream) CompareHealth(other Downstream) int {
	switch {
	case d.Healthy() == other.Healthy():
		return 0
	case d.Healthy():
		return -1
	default:
		return 1
	}
}

// Capabilities is what a downstream offered in EHLO when last seen.
type Capabilities struct {
	// Known is false before that; the rest then says nothing.
	Known bool
	// MaxSizeBytes is 0 when not stated.
	MaxSizeBytes uint64
	EightBitMime bool
	SmtpUtf8     bool
	Dsn          bool
	Chunking     bool
}

// HistoryEntry is one earlier attempt.
type HistoryEntry struct {
	DownstreamId string
	RecipientIds []uint32
	// StartedAt is in Unix milliseconds.
	StartedAt  int64
	DurationMs uint32
	// Phase is where in the dialogue it ended.
	Phase string
	// Code is the SMTP reply code, 0 when there was none.
	Code         uint32
	EnhancedCode string
	Text         string
	// Kind is delivered, deferred, failed or ambiguous.
	Kind string
}

// Verdict is a decision not to route.
type Verdict int32

// Verdicts. VerdictUnspecified is none: the routes count.
const (
	VerdictUnspecified Verdict = iota
	// VerdictDefer makes the sender come again (4xx).
	VerdictDefer
	// VerdictReject tells the sender no (5xx).
	VerdictReject
	// VerdictHold keeps the message at the host.
	VerdictHold
)

// SelectReply is routes, or a verdict; never both. Order, Split, Defer, Reject
// and Hold make one.
type SelectReply struct {
	ContractVersion uint32
	// Routes cover every recipient exactly once together.
	Routes  []Route
	Verdict Verdict
	// Code of a verdict for the sender; 0 lets the host choose.
	Code uint32
	// Text is what the sender is told with a verdict.
	Text string
	// Reason is for logs and people; 500 characters of it are kept.
	Reason string
}

// Route is an order of candidates for some recipients.
type Route struct {
	// RecipientIds is empty for all recipients.
	RecipientIds []uint32
	// CandidateIds are ids of downstreams in the order to try them.
	CandidateIds []string
}

// DescribeRequest asks what a plugin is.
type DescribeRequest struct {
	// ContractVersion is that of the host.
	ContractVersion uint32
}

// DescribeReply is what a plugin says of itself.
type DescribeReply struct {
	ContractVersion uint32
	Name            string
	Version         string
	// Headers are the names of the header fields Select wants to see, in any
	// case; "*" is all of them.
	Headers []string
}

// ConfigureRequest hands over the configuration of the operator.
type ConfigureRequest struct {
	ContractVersion uint32
	// Selector is the name in the configuration of the host.
	Selector string
	// ConfigJson is the value of config; empty when there is none.
	ConfigJson string
}

// ConfigureReply holds what is wrong with the configuration. With a problem the
// plugin is not used.
type ConfigureReply struct {
	ContractVersion uint32
	Problems        []ConfigureProblem
}

// ConfigureProblem is shown by file, line and column.
type ConfigureProblem struct {
	// Path inside of config: regions.eu[0]; keys that are no plain word as
	// ["my key"]. Empty for all of it.
	Path    string
	Message string
}
