package decision

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/api/v1alpha1"
)

// The API server refuses edits of a link once it was asked for, and of the type of a connection at any time.
func TestAConflictAdvisesWhatTheAPIServerTakes(t *testing.T) {
	const edit, anew = "Put its values into the spec", "Delete this resource and create it with the values that Atlas has"
	otherType := namedObject(different("a"))
	otherType.Differences = []Difference{{Path: "type", Fixed: true}}
	for name, c := range map[string]struct {
		changes []change
		want    string
	}{
		"a new link":                   {[]change{candidates(different("a"))}, edit},
		"a link that was imported":     {[]change{imported(different("a"))}, edit},
		"a link with a claim":          {[]change{claimed(time.Hour), absentFor(time.Hour), candidates(different("a"))}, anew},
		"a link that was lost":         {[]change{lost("gone", AbsenceCertain), candidates(different("a"))}, anew},
		"a connection":                 {[]change{candidates(namedObject(differing("a")))}, edit},
		"a connection of another type": {[]change{candidates(otherType)}, anew},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			d := Decide(observing(c.changes...))
			g.Expect(d.Ready.Reason).To(Equal(v1alpha1.ReasonConflict))
			g.Expect(d.Ready.Message).To(ContainSubstring(". " + c.want + ", or set adoptionPolicy Always to bring it in line."))
		})
	}
}
