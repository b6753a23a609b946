package atlastest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"time"
)

type privateLink struct {
	id, project string
	acts        Acts
	sent        map[string]any // the body of the POST
	fields      map[string]any // as returned by a GET, without state and endpoint
	past        []pastFields
	states      timeline
	createdAt   time.Time

	failure      string // errorMessage if the plan ends in FAILED
	errorMessage string // errorMessage as configured, in any state
	early        bool   // created without its DNS domain: the endpoint is known before DONE, which waits for the domain
}

// newLink adds a link. Its fields are made canonical in place.
func (s *Server) newLink(p *project, fields map[string]any, now time.Time) *privateLink {
	l := &privateLink{
		id:        s.newID(),
		project:   p.id,
		sent:      cloneObject(fields),
		fields:    fields,
		createdAt: now,
	}
	canonicalLink(fields)
	l.early = linkVendor(fields) == "AWS/CONFLUENT" && !has(fields, "dnsDomain")
	if l.early {
		l.states.plan(now, step{StateIdle, s.cfg.durations.Idle}, step{state: StateWorking})
	} else {
		l.begin(s.cfg.durations, StateDone, now)
	}
	p.links = append(p.links, l)
	p.linksByID[l.id] = l
	return l
}

// begin plans the states of a new link up to the permanent one.
func (l *privateLink) begin(d Durations, end string, now time.Time) {
	l.states = nil
	l.states.plan(now, step{StateIdle, d.Idle}, step{StateWorking, d.Working}, step{state: end})
}

// goOn plans the states after a change of the domain: a link that waits for it in WORKING becomes DONE, one that is
// DONE passes through WORKING again.
func (l *privateLink) goOn(d Durations, now time.Time) {
	last := l.states[len(l.states)-1]
	switch {
	case l.states.at(now) == StateDone:
		l.states.plan(now, step{StateWorking, d.Working}, step{state: StateDone})
	case last.State == StateWorking:
		if last.At.Before(now) {
			last.At = now
		}
		l.states = append(l.states, StateChange{State: StateDone, At: last.At.Add(d.Working)})
	}
}

func (l *privateLink) delete(d Durations, now time.Time) {
	l.states.plan(now,
		step{StateDeleteRequested, d.DeleteRequested}, step{StateDeleting, d.Deleting}, step{state: StateDeleted})
}

// answer returns the body of a GET.
func (l *privateLink) answer(now time.Time) map[string]any {
	fields := fieldsAt(l.past, l.fields, now)
	out := linkMembers(fields).public(cloneObject(fields))
	state := l.states.at(now)
	out["_id"] = l.id
	out["state"] = state
	if l.hasEndpoint(now) {
		for name, value := range l.endpoint() {
			if !has(out, name) {
				out[name] = value
			}
		}
	}
	switch {
	case l.errorMessage != "":
		out["errorMessage"] = l.errorMessage
	case state == StateFailed && l.failure != "":
		out["errorMessage"] = l.failure
	}
	return out
}

// hasEndpoint reports whether the outputs are known: from DONE on, and from WORKING on for a Confluent cluster whose
// domain depends on them.
func (l *privateLink) hasEndpoint(now time.Time) bool {
	return l.states.reached(StateDone, now) || l.early && l.states.reached(StateWorking, now)
}

// endpoint generates the outputs. They are stable per link.
func (l *privateLink) endpoint() map[string]any {
	sum := sha256.Sum256([]byte(l.id))
	unique := hex.EncodeToString(sum[:])
	switch vendor := linkVendor(l.fields); {
	case vendor == "AWS/S3":
		return nil // a gateway endpoint has none
	case strings.HasPrefix(vendor, "GCP/"):
		return gcpEndpoint(l.fields, sum)
	case strings.HasPrefix(vendor, "AZURE/"):
		return map[string]any{
			"interfaceEndpointId": "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/atlas-streams" +
				"/providers/Microsoft.Network/privateEndpoints/pe-" + unique[:17],
			"interfaceEndpointName": "pe-" + unique[:17],
			"providerAccountId":     "00000000-0000-4000-8000-000000000000",
		}
	default:
		return map[string]any{
			"interfaceEndpointId":   "vpce-" + unique[:17],
			"interfaceEndpointName": "atlas-streams-" + l.id,
			"providerAccountId":     "123456789012",
		}
	}
}

// gcpEndpoint has one connection per attachment, and a single one for Pub/Sub.
func gcpEndpoint(fields map[string]any, sum [sha256.Size]byte) map[string]any {
	n := max(1, len(texts(fields, "gcpServiceAttachmentUris")))
	ids := make([]any, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("%d%02d", 1e15+uint64(sum[0])<<16+uint64(sum[1])<<8+uint64(sum[2]), i)
	}
	return map[string]any{"gcpConnectionIds": ids, "providerAccountId": "p-atlas-streams"}
}

// canonicalLink adds the members that Atlas returns in addition to the request's.
func canonicalLink(fields map[string]any) {
	fields["provider"] = strings.ToUpper(text(fields, "provider"))
	fields["vendor"] = strings.ToUpper(text(fields, "vendor"))
	if fields["vendor"] == "" {
		fields["vendor"] = "GENERIC"
	}
	switch linkVendor(fields) {
	case "AWS/MSK":
		canonicalMSK(fields)
	case "GCP/PUBSUB":
		if !has(fields, "dnsDomain") {
			fields["dnsDomain"] = "pubsub.googleapis.com"
		}
	}
}

var mskARN = regexp.MustCompile(`^arn:aws:kafka:([^:]+):[^:]*:cluster/([^/]+)/`)

func canonicalMSK(fields map[string]any) {
	if !has(fields, "authenticationScheme") {
		fields["authenticationScheme"] = "SASL_SCRAM"
	}
	m := mskARN.FindStringSubmatch(text(fields, "arn"))
	if m == nil {
		return
	}
	region, cluster := m[1], m[2]
	if !has(fields, "region") {
		fields["region"] = region
	}
	if !has(fields, "dnsDomain") {
		prefix := map[any]string{"SASL_SCRAM": "scram.", "IAM": "iam."}[fields["authenticationScheme"]]
		fields["dnsDomain"] = fmt.Sprintf("%s%s.%s.c2.kafka.%s.amazonaws.com",
			prefix, strings.ToLower(cluster), md5Hex(text(fields, "arn"))[:6], region)
	}
}

// linkVendor returns provider and vendor in canonical spelling, e.g. "AWS/MSK".
func linkVendor(fields map[string]any) string {
	vendor := strings.ToUpper(text(fields, "vendor"))
	if vendor == "" {
		vendor = "GENERIC"
	}
	return strings.ToUpper(text(fields, "provider")) + "/" + vendor
}
