package decision

import (
	"fmt"
	"slices"
	"strings"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// MostListed is how many objects a message or status names.
const MostListed = 20

// DnsDomainAdvice is what the user of a link does that waits for its dnsDomain.
const DNSDomainAdvice = "Atlas waits for the DNS domain. Register the interface endpoint as an access point at Confluent Cloud, and set spec.dnsDomain to the domain of the access point."

// RecreateAdvice says how to have the object of that id replaced. Current is the value of the annotation now.
func RecreateAdvice(id, current string) string {
	advice := fmt.Sprintf("To delete it and create it again, set the annotation %s=%q.", v1alpha1.AnnotationRecreate, id)
	if current != "" && current != id {
		advice += fmt.Sprintf(" It is set to %q.", current)
	}
	return advice
}

// Listed names at most mostListed objects.
func Listed(names []string) string {
	if len(names) <= MostListed {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:MostListed], ", "), len(names)-MostListed)
}

// ids lists the ids of objects in Atlas.
func ids(views []RemoteObject) string {
	names := make([]string, 0, len(views))
	for _, found := range views {
		names = append(names, found.ID)
	}
	return Listed(names)
}

// AlreadyManaged reports that the object of that id belongs to another resource.
func AlreadyManaged(o *Observation, id, owner string) Decision {
	return Stall(v1alpha1.ReasonAlreadyManaged, fmt.Sprintf("The %s %s in Atlas belongs to %s: delete one of the two resources.", o.Kind, id, owner))
}

// Preceded reports that another resource takes precedence.
func Preceded(o *Observation, by string) Decision {
	return Stall(v1alpha1.ReasonAlreadyManaged, fmt.Sprintf("%s describes the same %s and takes precedence. Delete one of the two resources.", by, o.Kind))
}

// conflictAdvice says how to make the spec equal an object that exists. The API server takes no edit of a link that was
// asked for, nor of the type of a connection.
func conflictAdvice(o *Observation, found *RemoteObject) string {
	otherType := slices.ContainsFunc(found.Differences, func(d Difference) bool { return d.Path == "type" })
	if otherType || !found.Named && (o.IsOwned() || o.OpenClaim()) {
		return "Delete this resource and create it with the values that Atlas has"
	}
	return "Put its values into the spec"
}

func ambiguous(candidates []RemoteObject) Decision {
	return Stall(v1alpha1.ReasonAmbiguous, fmt.Sprintf(
		"Several match in Atlas (%s): set spec.importId to the one that is meant.", ids(candidates)))
}
