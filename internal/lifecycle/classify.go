package lifecycle

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/inventory"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// classify turns the failure of a call to Atlas into a blocker. Doing says what was being done, as in "create the
// private link"; credentials says whose credentials were used, as in "Secret shop/atlas".
func classify(err error, doing, credentials string, now time.Time) *decision.Blocker {
	b := &decision.Blocker{RetryAfter: atlas.RetryAfter(err)}
	if paused, ok := errors.AsType[*inventory.PausedError](err); ok {
		b.Since, b.RetryAfter = paused.Since, max(paused.RetryAt.Sub(now), b.RetryAfter)
	}
	failure, answered := atlas.AsError(err)
	if !answered {
		b.Effect, b.Reason = decision.Refused, v1alpha1.ReasonRejected
		b.Message = fmt.Sprintf("The request to %s could not be sent: %v.", doing, err)
		return b
	}
	switch {
	case atlas.IsRateLimited(err):
		b.Effect, b.Reason = decision.Outage, v1alpha1.ReasonRateLimited
		b.Message = rateLimited(atlas.Class(err), b.RetryAfter, now)
	case atlas.IsInUse(err):
		b.Effect, b.Reason = decision.Busy, v1alpha1.ReasonInUse
		b.Message = fmt.Sprintf("Atlas refused to %s: %s.", doing, said(err))
	case atlas.IsDeploying(err):
		b.Effect, b.Reason = decision.Busy, v1alpha1.ReasonDeploying
		b.Message = fmt.Sprintf("Atlas cannot %s while it is being deployed. The operator retries.", doing)
	case atlas.IsUnauthorized(err):
		b.Effect, b.Reason = decision.CredentialsRefused, v1alpha1.ReasonUnauthorized
		b.Message = fmt.Sprintf("Atlas does not accept the credentials of %s (%s): put a valid id and secret there.", credentials, said(err))
	case atlas.IsForbidden(err):
		b.Effect, b.Reason = decision.CredentialsRefused, v1alpha1.ReasonForbidden
		b.Message = fmt.Sprintf("Atlas does not allow the credentials of %s to %s (%s): %sallow the operator's address in their access list.", credentials, doing, said(err), missingRole(failure))
	case atlas.IsProjectNotFound(err):
		b.Effect, b.Reason = decision.Missing, v1alpha1.ReasonProjectNotFound
		b.Message = fmt.Sprintf("Atlas has no project of this projectId that the credentials of %s can see (%s): check spec.projectId, or add the credentials to the project.", credentials, said(err))
	case atlas.IsWorkspaceNotFound(err):
		b.Effect, b.Reason = decision.Missing, v1alpha1.ReasonWorkspaceNotFound
		b.Message = fmt.Sprintf("The project has no stream workspace of this workspaceName (%s): create it, or create a new resource with the right name.", said(err))
	case atlas.IsForeign(err):
		b.Effect, b.Reason = decision.Missing, v1alpha1.ReasonAtlasUnreachable
		if failure.Method != http.MethodGet && atlas.IsOutcomeUnknown(err) {
			b.Effect = decision.Outage // as after a 5xx
		}
		b.Message = fmt.Sprintf("%s answered HTTP %d without the error body of Atlas. Check --atlas-base-url and the proxy.", failure.URL, failure.StatusCode)
	case atlas.IsUnavailable(err):
		b.Effect, b.Reason = decision.Outage, v1alpha1.ReasonAtlasUnreachable
		b.Message = "Atlas does not answer (" + atlas.Class(err) + "). The operator retries."
	default:
		b.Effect, b.Reason, b.Stalled = decision.Refused, v1alpha1.ReasonRejected, atlas.HasFieldErrors(err)
		b.Message = fmt.Sprintf("Atlas refused to %s: %s.", doing, said(err))
		b.SpecRefused = atlas.IsInvalid(err) && !curedOutside.MatchString(said(err))
	}
	return b
}

// curedOutside matches refusals that end once someone acts in Atlas: a cluster, a peering, a quota or a payment is
// missing.
var curedOutside = regexp.MustCompile(`(?i)cluster|peering|quota|payment|billing|(\b|_)limit`)

// rateLimited says when a rate limit is over. A status that says so stays: the next tries are not announced.
func rateLimited(class string, retryAfter time.Duration, now time.Time) string {
	retry := "as the limit allows."
	if retryAfter > 0 {
		retry = "at " + now.Add(retryAfter+time.Second-1).UTC().Format(time.RFC3339) + ", then " + retry
	}
	return "Rate limited by Atlas (" + class + "). Retrying " + retry
}

// said is Atlas's status, errorCode and detail, or why there was no answer.
func said(err error) string {
	failure, _ := atlas.AsError(err)
	if failure == nil || failure.StatusCode == 0 {
		return atlas.Class(err)
	}
	text := fmt.Sprintf("HTTP %d", failure.StatusCode)
	if failure.Code != "" {
		text += " " + failure.Code
	}
	if failure.Detail != "" {
		text += ": " + failure.Detail
	}
	parts := append(make([]string, 0, 1+len(failure.Fields)), text)
	for _, field := range failure.Fields {
		parts = append(parts, field.Field+": "+field.Description)
	}
	return trimStop(strings.Join(parts, "; "))
}

// trimStop removes a full stop at the end, for text that goes on.
func trimStop(text string) string { return strings.TrimSuffix(strings.TrimSpace(text), ".") }

// missingRole says which role the refused call needs; a token needs none.
func missingRole(failure *atlas.Error) string {
	role := "Project Stream Processing Owner (or Manager)"
	switch {
	case failure.Operation == "FetchToken":
		return ""
	case failure.Operation == "ListConnections":
		role = "Project Stream Processing Owner, or a Project Data Access role,"
	case failure.Method == http.MethodGet:
		role = "Project Read Only"
	}
	return "give them the role " + role + " in this project, and "
}
