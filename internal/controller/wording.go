package controller

import (
	"fmt"
	"slices"
	"strings"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// mostListed is how many objects a message or status names.
const mostListed = 20

// dnsDomainAdvice is what the user of a link does that waits for its dnsDomain.
const dnsDomainAdvice = "Atlas waits for the DNS domain. Register the interface endpoint as an access point at Confluent Cloud, and set spec.dnsDomain to the domain of the access point."

// recreateAdvice says how to have the object of that id replaced. Current is the value of the annotation now.
func recreateAdvice(id, current string) string {
	advice := fmt.Sprintf("To delete it and create it again, set the annotation %s=%q.", v1alpha1.AnnotationRecreate, id)
	if current != "" && current != id {
		advice += fmt.Sprintf(" It is set to %q.", current)
	}
	return advice
}

// listed names at most mostListed objects.
func listed(names []string) string {
	if len(names) <= mostListed {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:mostListed], ", "), len(names)-mostListed)
}

// ids lists the ids of objects in Atlas.
func ids(views []remoteObject) string {
	names := make([]string, 0, len(views))
	for _, v := range views {
		names = append(names, v.id)
	}
	return listed(names)
}

func alreadyManaged(o *observation, id, owner string) string {
	return fmt.Sprintf("The %s %s in Atlas belongs to %s: delete one of the two resources.", o.kind, id, owner)
}

// conflictAdvice says how to make the spec equal an object that exists. The API server takes no edit of a link that was
// asked for, nor of the type of a connection.
func conflictAdvice(o *observation, found *remoteObject) string {
	otherType := slices.ContainsFunc(found.differences, func(d difference) bool { return d.path == "type" })
	if otherType || !found.named && (o.isOwned() || o.openClaim()) {
		return "Delete this resource and create it with the values that Atlas has"
	}
	return "Put its values into the spec"
}

func ambiguous(candidates []remoteObject) decision {
	return stall(v1alpha1.ReasonAmbiguous, fmt.Sprintf(
		"Several match in Atlas (%s): set spec.importId to the one that is meant.", ids(candidates)))
}

// firstOf returns the first blocker that there is.
func firstOf(obstacles ...*blocker) *blocker {
	for _, b := range obstacles {
		if b != nil {
			return b
		}
	}
	return nil
}
