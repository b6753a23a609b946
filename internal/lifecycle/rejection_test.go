package lifecycle

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// errRefusedSpec is how the real Atlas refuses a spec: without the fields.
var errRefusedSpec = atlasError(400, "VALIDATION_ERROR", "The request content produced the validation error: Invalid bootstrapServers.")

func TestASpecThatAtlasRefusesTwiceIsStalled(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	w.fail = failing("create", errRefusedSpec)
	w.settleFor(30 * time.Second)
	g.Expect(w.shows(v1alpha1.ConditionReady)).To(Equal("False Rejected"))
	g.Expect(w.shows(v1alpha1.ConditionReconciling)).To(Equal("True Progressing"), "one answer may be a mistake of Atlas")
	w.settleFor(2 * time.Minute)
	g.Expect(w.count("create")).To(Equal(2))
	g.Expect(w.shows(v1alpha1.ConditionStalled)).To(Equal("True Rejected"))
	g.Expect(w.shows(v1alpha1.ConditionReconciling)).To(BeEmpty())
	g.Expect(w.condition(v1alpha1.ConditionStalled)).To(And(ContainSubstring("Invalid bootstrapServers"), ContainSubstring("spec")))

	w.restart()
	w.settleFor(30 * time.Second)
	g.Expect(w.count("create")).To(Equal(3))
	g.Expect(w.shows(v1alpha1.ConditionStalled)).To(Equal("True Rejected"), "a restart does not start anew")

	w.edit(func(l *v1alpha1.StreamPrivateLink) { l.Generation = 2 })
	w.settleFor(30 * time.Second)
	g.Expect(w.shows(v1alpha1.ConditionStalled)).To(BeEmpty(), "a changed spec is another request")
	w.settleFor(2 * time.Minute)
	g.Expect(w.shows(v1alpha1.ConditionStalled)).To(Equal("True Rejected"))

	w.prepared.Fingerprint = "the Secret changed"
	w.settleFor(30 * time.Second)
	g.Expect(w.shows(v1alpha1.ConditionStalled)).To(BeEmpty(), "a changed Secret is another request")
	w.fail = nil
	w.settleFor(10 * time.Minute)
	g.Expect(w.link().Status.ID).NotTo(BeEmpty())
	g.Expect(w.shows(v1alpha1.ConditionStalled)).To(BeEmpty())
}

func TestAChangeThatAtlasRefusesTwiceIsStalled(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	w.ready()
	w.objects["made1"].Differences = []decision.Difference{{Path: "dnsDomain"}}
	w.fail = failing("update", errRefusedSpec)
	w.settleFor(10 * time.Minute)
	g.Expect(w.count("update")).To(BeNumerically(">=", 2))
	g.Expect(w.shows(v1alpha1.ConditionStalled)).To(Equal("True Rejected"))
	g.Expect(w.shows(v1alpha1.ConditionReady)).To(Equal("False Rejected"))
}

// What has to change is not the spec: a wait that ends by itself once somebody acts in Atlas.
func TestARefusalThatIsCuredOutsideOfTheSpecIsNotStalled(t *testing.T) {
	for _, text := range []string{
		"You must have an Atlas Cluster on Azure or Azure Network Peering configured to create a Private Link connection",
		"The quota of private links is used up", "The connection limit is reached", "Payment required", "A billing method is missing",
	} {
		g := NewWithT(t)
		w := newWorld(t)
		w.fail = failing("create", atlasError(400, "VALIDATION_ERROR", text))
		w.settleFor(2 * time.Hour)
		g.Expect(w.count("create")).To(BeNumerically(">", 3))
		g.Expect(w.shows(v1alpha1.ConditionReconciling)).To(Equal("True Progressing"), text)
		g.Expect(w.shows(v1alpha1.ConditionReady)).To(Equal("False Rejected"), text)
	}
	g := NewWithT(t)
	w := newWorld(t)
	w.fail = failing("create", atlasError(400, "STREAM_CONNECTION_LIMIT_EXCEEDED", "no more"))
	w.settleFor(2 * time.Hour)
	g.Expect(w.shows(v1alpha1.ConditionStalled)).To(BeEmpty())
}

// A refusal counts only where Atlas looked at the request before: an outage says nothing about it.
func TestAnOutageBeforeARefusalDoesNotCountAsOne(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	w.ready()
	w.objects["made1"].Differences = []decision.Difference{{Path: "dnsDomain"}}
	answers := []error{errUnavailable, errInUse, errRefusedSpec}
	w.fail = func(call string, done bool) error {
		if call == "update" && !done {
			return answers[min(w.count("update"), len(answers))-1]
		}
		return nil
	}
	for w.count("update") < 3 {
		w.settleFor(10 * time.Second)
	}
	g.Expect(w.shows(v1alpha1.ConditionReady)).To(Equal("False Rejected"))
	g.Expect(w.shows(v1alpha1.ConditionStalled)).To(BeEmpty())
}

func TestADeletionIsNeverStalledByARefusal(t *testing.T) {
	g := NewWithT(t)
	w := newWorld(t)
	w.ready()
	g.Expect(w.kube.Delete(t.Context(), w.link())).To(Succeed())
	w.fail = failing("delete", errRefusedSpec)
	w.settleFor(20 * time.Minute)
	g.Expect(w.count("delete")).To(BeNumerically(">=", 3))
	g.Expect(w.shows(v1alpha1.ConditionStalled)).To(BeEmpty())
}
