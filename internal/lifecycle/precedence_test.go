package lifecycle

import (
	"context"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

type linkChange func(*v1alpha1.StreamPrivateLink)

// linkOf is a link that was created at noon.
func LinkOf(namespace, name string, changes ...linkChange) *v1alpha1.StreamPrivateLink {
	l := &v1alpha1.StreamPrivateLink{ObjectMeta: metav1.ObjectMeta{
		Namespace: namespace, Name: name, UID: types.UID(namespace + "/" + name), CreationTimestamp: metav1.NewTime(Noon),
	}}
	l.Spec.ProjectID, l.Spec.ManagementPolicy = testProject, v1alpha1.Manage
	for _, change := range changes {
		change(l)
	}
	return l
}

func bornAfter(d time.Duration) linkChange {
	return func(l *v1alpha1.StreamPrivateLink) { l.CreationTimestamp = metav1.NewTime(Noon.Add(d)) }
}

func WhichOwns(id string) linkChange {
	return func(l *v1alpha1.StreamPrivateLink) { l.Status.ID, l.Status.Ownership = id, v1alpha1.OwnershipCreated }
}
func whichSees(l *v1alpha1.StreamPrivateLink) { l.Status.ID = "a" }
func whichClaims(l *v1alpha1.StreamPrivateLink) {
	l.Status.CreateRequestedAt = new(metav1.NewMicroTime(Noon))
}
func whichHasRead(l *v1alpha1.StreamPrivateLink) {
	c := Conditions{&l.Status.Conditions, l.Generation}
	c.Set(v1alpha1.ConditionCredentialsReady, decision.StatusTrue, v1alpha1.ReasonAccepted, "")
	c.Set(v1alpha1.ConditionSynced, decision.StatusFalse, v1alpha1.ReasonMissing, "")
}
func whichIsRefused(l *v1alpha1.StreamPrivateLink) {
	whichHasRead(l)
	c := Conditions{&l.Status.Conditions, l.Generation}
	c.Set(v1alpha1.ConditionCredentialsReady, decision.StatusFalse, v1alpha1.ReasonForbidden, "")
}
func whichCannotSeeTheProject(l *v1alpha1.StreamPrivateLink) {
	whichHasRead(l)
	c := Conditions{&l.Status.Conditions, l.Generation}
	c.Set(v1alpha1.ConditionSynced, decision.StatusUnknown, v1alpha1.ReasonProjectNotFound, "")
}
func whichIsReleased(l *v1alpha1.StreamPrivateLink) {
	whichDies(l)
	l.Finalizers = []string{"foregroundDeletion"}
}
func whichDies(l *v1alpha1.StreamPrivateLink) {
	l.DeletionTimestamp, l.Finalizers = &metav1.Time{Time: Noon}, []string{v1alpha1.Finalizer}
}
func whichIs(policy v1alpha1.ManagementPolicy) linkChange {
	return func(l *v1alpha1.StreamPrivateLink) { l.Spec.ManagementPolicy = policy }
}

func TestPrecedence(t *testing.T) {
	older, younger := bornAfter(-time.Hour), bornAfter(time.Hour)
	for name, c := range map[string]struct {
		other, me *v1alpha1.StreamPrivateLink
		want      bool
	}{
		"an older one":                         {LinkOf("shop", "other", older, whichHasRead), LinkOf("shop", "me"), true},
		"an older one that never read":         {LinkOf("shop", "other", older), LinkOf("shop", "me"), false},
		"an older one without credentials":     {LinkOf("shop", "other", older, whichIsRefused), LinkOf("shop", "me"), false},
		"an older one without the project":     {LinkOf("shop", "other", older, whichCannotSeeTheProject), LinkOf("shop", "me"), false},
		"a younger one":                        {LinkOf("shop", "other", younger, whichHasRead), LinkOf("shop", "me"), false},
		"of the same age, an earlier name":     {LinkOf("shop", "a", whichHasRead), LinkOf("shop", "me"), true},
		"of the same age, a later name":        {LinkOf("shop", "z", whichHasRead), LinkOf("shop", "me"), false},
		"of the same age, another namespace":   {LinkOf("bar", "z", whichHasRead), LinkOf("shop", "me"), true},
		"an older one that only observes":      {LinkOf("shop", "other", older, whichHasRead, whichIs(v1alpha1.Observe)), LinkOf("shop", "me"), false},
		"an older one that is Paused":          {LinkOf("shop", "other", older, whichHasRead, whichIs(v1alpha1.Paused)), LinkOf("shop", "me"), false},
		"an older one that is being deleted":   {LinkOf("shop", "other", older, whichHasRead, whichDies), LinkOf("shop", "me"), false},
		"a younger one that owns":              {LinkOf("shop", "other", younger, WhichOwns("a")), LinkOf("shop", "me"), true},
		"an older one, but I own":              {LinkOf("shop", "other", older, whichHasRead), LinkOf("shop", "me", WhichOwns("a")), false},
		"one that has asked, but I own":        {LinkOf("shop", "other", older, whichClaims), LinkOf("shop", "me", WhichOwns("a")), false},
		"an older one that owns, and I own":    {LinkOf("shop", "other", older, WhichOwns("a")), LinkOf("shop", "me", WhichOwns("b")), true},
		"a younger one that owns, and I own":   {LinkOf("shop", "other", younger, WhichOwns("a")), LinkOf("shop", "me", WhichOwns("b")), false},
		"one that owns and is being deleted":   {LinkOf("shop", "other", younger, WhichOwns("a"), whichDies), LinkOf("shop", "me"), true},
		"one that owns and only observes":      {LinkOf("shop", "other", younger, WhichOwns("a"), whichIs(v1alpha1.Observe)), LinkOf("shop", "me"), true},
		"a younger one that has asked":         {LinkOf("shop", "other", younger, whichClaims), LinkOf("shop", "me"), true},
		"one that has asked and is Paused":     {LinkOf("shop", "other", younger, whichClaims, whichIs(v1alpha1.Paused)), LinkOf("shop", "me"), true},
		"one that has asked and is to go":      {LinkOf("shop", "other", younger, whichClaims, whichDies), LinkOf("shop", "me"), true},
		"an older one, but I have asked":       {LinkOf("shop", "other", older), LinkOf("shop", "me", whichClaims), false},
		"an older one, and both have asked":    {LinkOf("shop", "other", older, whichClaims), LinkOf("shop", "me", whichClaims), true},
		"a younger one, and both have asked":   {LinkOf("shop", "other", younger, whichClaims), LinkOf("shop", "me", whichClaims), false},
		"one that owns, and I have asked":      {LinkOf("shop", "other", younger, WhichOwns("a")), LinkOf("shop", "me", whichClaims), true},
		"one that only observes what is there": {LinkOf("shop", "other", older, whichSees, whichIs(v1alpha1.Observe)), LinkOf("shop", "me"), false},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			g.Expect(precedes(c.other, c.me)).To(Equal(c.want))
			if c.other.Status.Owned() || !c.want {
				return // two that own the same are told apart by otherOwner
			}
			g.Expect(precedes(c.me, c.other)).To(BeFalse(), "never both")
		})
	}
}

// aReconciliation is a reconciliation over a link whose neighbours took keys in this process.
func aReconciliation(me *v1alpha1.StreamPrivateLink, taken map[string]string) *reconciliation {
	r := &reconciliation{lifecycle: &lifecycle{kind: (&world{}).kind(), owners: newOwners()}, Session: Session{Object: me}}
	for key, name := range taken {
		r.owners.take(key, types.NamespacedName{Namespace: "shop", Name: name})
	}
	return r
}

func TestWhoElseOwnsIt(t *testing.T) {
	older, younger := bornAfter(-time.Hour), bornAfter(time.Hour)
	for name, c := range map[string]struct {
		me     *v1alpha1.StreamPrivateLink
		others []Managed
		taken  map[string]string
		want   string
	}{
		"nobody":                              {LinkOf("shop", "me"), nil, nil, ""},
		"I myself":                            {LinkOf("shop", "me", WhichOwns("a")), []Managed{LinkOf("shop", "me", WhichOwns("a"))}, nil, ""},
		"another":                             {LinkOf("shop", "me"), []Managed{LinkOf("shop", "other", younger, WhichOwns("a"))}, nil, "shop/other"},
		"another only looks at it":            {LinkOf("shop", "me"), []Managed{LinkOf("shop", "other", older, whichSees)}, nil, ""},
		"both, the other is older":            {LinkOf("shop", "me", WhichOwns("a")), []Managed{LinkOf("shop", "other", older, WhichOwns("a"))}, nil, "shop/other"},
		"both, I am older":                    {LinkOf("shop", "me", WhichOwns("a")), []Managed{LinkOf("shop", "other", younger, WhichOwns("a"))}, nil, ""},
		"another took it a moment ago":        {LinkOf("shop", "me"), nil, map[string]string{"object a": "other"}, "shop/other"},
		"another, whose deletion is finished": {LinkOf("shop", "me"), []Managed{LinkOf("shop", "other", younger, WhichOwns("a"), whichIsReleased)}, nil, ""},
		"I took it a moment ago":              {LinkOf("shop", "me"), nil, map[string]string{"object a": "me"}, ""},
		"another took another a moment ago":   {LinkOf("shop", "me"), nil, map[string]string{"object b": "other"}, ""},
		"mine, and a younger one took it":     {LinkOf("shop", "me", WhichOwns("a")), nil, map[string]string{"object a": "other"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			NewWithT(t).Expect(aReconciliation(c.me, c.taken).otherOwner("object a", c.others)).To(Equal(c.want))
		})
	}
}

func TestPrecedingResource(t *testing.T) {
	g := NewWithT(t)
	me := LinkOf("shop", "me")
	older, younger := LinkOf("shop", "older", bornAfter(-time.Hour), whichHasRead), LinkOf("shop", "younger", bornAfter(time.Hour))
	g.Expect(aReconciliation(me, nil).precedingResource([]Managed{me, younger})).To(BeEmpty())
	g.Expect(aReconciliation(me, nil).precedingResource([]Managed{me, younger, older})).To(Equal("shop/older"))
	g.Expect(aReconciliation(me, map[string]string{"claim": "younger"}).precedingResource([]Managed{me, younger})).To(Equal("shop/younger"), "it is about to create")
}

func TestANewResourceLetsAnOlderOneTryItsCredentials(t *testing.T) {
	older, me := LinkOf("shop", "a"), LinkOf("shop", "b")
	for name, c := range map[string]struct {
		other *v1alpha1.StreamPrivateLink
		after time.Duration
		want  string
	}{
		"at first":                            {older, time.Second, "shop/a"},
		"only for a moment":                   {older, quietStart, ""},
		"not once it is known":                {LinkOf("shop", "a", whichHasRead), time.Second, ""},
		"not where its credentials fail":      {LinkOf("shop", "a", whichCannotSeeTheProject), time.Second, ""},
		"not a younger one":                   {LinkOf("shop", "c"), time.Second, ""},
		"not one that only observes":          {LinkOf("shop", "a", whichIs(v1alpha1.Observe)), time.Second, ""},
		"not one that is going to be deleted": {LinkOf("shop", "a", whichDies), time.Second, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := aReconciliation(me, nil)
			r.memory, r.Now = &memory{since: Noon}, Noon.Add(c.after)
			NewWithT(t).Expect(r.untriedPredecessor([]Managed{me, c.other})).To(Equal(c.want))
		})
	}
}

// indexedBy puts the indexes of the cache into a fake client.
type IndexedBy struct{ *fake.ClientBuilder }

func (b IndexedBy) IndexField(_ context.Context, object client.Object, field string, values client.IndexerFunc) error {
	b.WithIndex(object, field, values)
	return nil
}
