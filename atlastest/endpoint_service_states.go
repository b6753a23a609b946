package atlastest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// endpointService is a private endpoint service for the clusters of a project in one region. Atlas returns absent
// members as null.
type endpointService struct {
	id, project, provider string

	fields       map[string]any // as configured, by wire name
	errorMessage string
	states       timeline
	createdAt    time.Time
}

// serviceDefaults are the initial members.
var serviceDefaults = map[string]map[string]any{
	"AWS":   {"regionName": "US_EAST_1", "interfaceEndpoints": []any{}, "supportedRemoteRegions": nil},
	"AZURE": {"regionName": "US_EAST_2", "privateEndpoints": []any{}},
	"GCP":   {"regionName": "CENTRAL_US", "endpointGroupNames": []any{}, "portMappingEnabled": false},
}

// serviceOutputs are the values of the outputs until the service is available.
var serviceOutputs = map[string]map[string]any{
	"AWS":   {"endpointServiceName": nil},
	"AZURE": {"privateLinkServiceName": nil, "privateLinkServiceResourceId": nil},
	"GCP":   {"serviceAttachmentNames": []any{}},
}

// begin plans the states of a service. Recorded services of every provider become AVAILABLE before the first endpoint
// is connected.
func (e *endpointService) begin(d Durations, now time.Time) {
	e.states.plan(now, step{StateInitiating, d.Initiating}, step{state: StateAvailable})
}

// answer returns the body of a GET.
func (e *endpointService) answer(now time.Time) map[string]any {
	status := e.states.at(now)
	outputs := serviceOutputs[e.provider]
	out := maps.Clone(serviceDefaults[e.provider])
	maps.Copy(out, outputs)
	if e.states.reached(StateAvailable, now) || e.states.reached(StateWaitingForUser, now) {
		maps.Copy(out, e.madeUp())
	}
	for name, value := range e.fields {
		if _, isOutput := outputs[name]; !isOutput || status != StateInitiating {
			out[name] = value
		}
	}
	out["id"], out["cloudProvider"], out["status"] = e.id, e.provider, status
	out["errorMessage"] = nil
	if e.errorMessage != "" {
		out["errorMessage"] = e.errorMessage
	}
	return cloneObject(out)
}

// answerV1 returns the body of the deprecated list, which has no AVAILABLE status.
func (e *endpointService) answerV1(now time.Time) map[string]any {
	full := e.answer(now)
	out := map[string]any{}
	for _, name := range []string{"id", "endpointServiceName", "errorMessage", "interfaceEndpoints", "status"} {
		out[name] = full[name]
	}
	if out["status"] == StateAvailable {
		out["status"] = StateWaitingForUser
	}
	return out
}

// madeUp generates the outputs. They are stable per service.
func (e *endpointService) madeUp() map[string]any {
	sum := sha256.Sum256([]byte(e.id))
	unique := hex.EncodeToString(sum[:])
	region := text(e.fields, "regionName")
	if region == "" {
		region = text(serviceDefaults[e.provider], "regionName")
	}
	region = canonicalRegion(region)
	switch e.provider {
	case "AWS":
		return map[string]any{
			"endpointServiceName": "com.amazonaws.vpce." + region + ".vpce-svc-" + unique[:17],
		}
	case "AZURE":
		return map[string]any{
			"privateLinkServiceName": "pls_" + e.id,
			"privateLinkServiceResourceId": "/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/rg_" + e.id +
				"/providers/Microsoft.Network/privateLinkServices/pls_" + e.id,
		}
	}
	attachments := make([]any, 6)
	if e.fields["portMappingEnabled"] == true {
		attachments = attachments[:1]
	}
	for i := range attachments {
		attachments[i] = fmt.Sprintf("projects/p-%s/regions/%s/serviceAttachments/sa-%s-%s-%d",
			unique[:24], region, region, e.id, i)
	}
	return map[string]any{"serviceAttachmentNames": attachments}
}

func (e *endpointService) leave(s *Server, before time.Time) bool {
	if e.states.at(before) != StateDeleted {
		return false
	}
	if p := s.projects[e.project]; p != nil {
		p.services = slices.DeleteFunc(p.services, func(other *endpointService) bool { return other == e })
	}
	return true
}

// newService adds a service. Members that the caller cannot choose are removed from fields.
func (s *Server) newService(p *project, provider string, fields map[string]any, now time.Time) *endpointService {
	e := &endpointService{
		id:           s.newID(),
		project:      p.id,
		provider:     strings.ToUpper(provider),
		fields:       fields,
		errorMessage: text(fields, "errorMessage"),
		createdAt:    now,
	}
	for _, name := range []string{"id", "cloudProvider", "status", "errorMessage"} {
		delete(fields, name)
	}
	e.begin(s.cfg.durations, now)
	p.services = append(p.services, e)
	return e
}
