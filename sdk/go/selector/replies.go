package selector

// Order answers a reply that sends all recipients to the first of these
// downstreams that takes the message.
func Order(reason string, downstreams ...Downstream) *SelectReply {
	return &SelectReply{Routes: []Route{RouteOf(nil, downstreams...)}, Reason: reason}
}

// Split answers a reply of several routes.
func Split(reason string, routes ...Route) *SelectReply {
	return &SelectReply{Routes: routes, Reason: reason}
}

// RouteOf answers a route for some recipients; nil are all.
func RouteOf(recipients []Recipient, downstreams ...Downstream) Route {
	var route Route
	for _, recipient := range recipients {
		route.RecipientIds = append(route.RecipientIds, recipient.Id)
	}
	for _, downstream := range downstreams {
		route.CandidateIds = append(route.CandidateIds, downstream.Id)
	}
	return route
}

// Defer answers a reply that makes the sender come again.
func Defer(text, reason string) *SelectReply {
	return &SelectReply{Verdict: VerdictDefer, Text: text, Reason: reason}
}

// Reject answers a reply that tells the sender no.
func Reject(text, reason string) *SelectReply {
	return &SelectReply{Verdict: VerdictReject, Text: text, Reason: reason}
}

// Hold answers a reply that keeps the message at the host.
func Hold(reason string) *SelectReply {
	return &SelectReply{Verdict: VerdictHold, Reason: reason}
}
