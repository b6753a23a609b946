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
func linkOf(namespace, name string, changes ...linkChange) *v1alpha1.StreamPrivateLink {
	l := &v1alpha1.StreamPrivateLink{ObjectMeta: metav1.ObjectMeta{
		Namespace: namespace, Name: name, UID: types.UID(namespace + "/" + name), CreationTimestamp: metav1.NewTime(noon),
	}}
	l.Spec.ProjectID, l.Spec.ManagementPolicy = testProject, v1alpha1.Manage
	for _, change := range changes {
		change(l)
	}
	return l
}

func bornAfter(d time.Duration) linkChange {
	return func(l *v1alpha1.StreamPrivateLink) { l.CreationTimestamp = metav1.NewTime(noon.Add(d)) }
}

func whichOwns(id string) linkChange {
	return func(l *v1alpha1.StreamPrivateLink) { l.Status.ID, l.Status.Ownership = id, v1alpha1.OwnershipCreated }
}
func whichSees(l *v1alpha1.StreamPrivateLink) { l.Status.ID = "a" }
func whichClaims(l *v1alpha1.StreamPrivateLink) {
	l.Status.CreateRequestedAt = new(metav1.NewMicroTime(noon))
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
	l.DeletionTimestamp, l.Finalizers = &metav1.Time{Time: noon}, []string{v1alpha1.Finalizer}
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
		"an older one":                         {linkOf("shop", "other", older, whichHasRead), linkOf("shop", "me"), true},
		"an older one that never read":         {linkOf("shop", "other", older), linkOf("shop", "me"), false},
		"an older one without credentials":     {linkOf("shop", "other", older, whichIsRefused), linkOf("shop", "me"), false},
		"an older one without the project":     {linkOf("shop", "other", older, whichCannotSeeTheProject), linkOf("shop", "me"), false},
		"a younger one":                        {linkOf("shop", "other", younger, whichHasRead), linkOf("shop", "me"), false},
		"of the same age, an earlier name":     {linkOf("shop", "a", whichHasRead), linkOf("shop", "me"), true},
		"of the same age, a later name":        {linkOf("shop", "z", whichHasRead), linkOf("shop", "me"), false},
		"of the same age, another namespace":   {linkOf("bar", "z", whichHasRead), linkOf("shop", "me"), true},
		"an older one that only observes":      {linkOf("shop", "other", older, whichHasRead, whichIs(v1alpha1.Observe)), linkOf("shop", "me"), false},
		"an older one that is Paused":          {linkOf("shop", "other", older, whichHasRead, whichIs(v1alpha1.Paused)), linkOf("shop", "me"), false},
		"an older one that is being deleted":   {linkOf("shop", "other", older, whichHasRead, whichDies), linkOf("shop", "me"), false},
		"a younger one that owns":              {linkOf("shop", "other", younger, whichOwns("a")), linkOf("shop", "me"), true},
		"an older one, but I own":              {linkOf("shop", "other", older, whichHasRead), linkOf("shop", "me", whichOwns("a")), false},
		"one that has asked, but I own":        {linkOf("shop", "other", older, whichClaims), linkOf("shop", "me", whichOwns("a")), false},
		"an older one that owns, and I own":    {linkOf("shop", "other", older, whichOwns("a")), linkOf("shop", "me", whichOwns("b")), true},
		"a younger one that owns, and I own":   {linkOf("shop", "other", younger, whichOwns("a")), linkOf("shop", "me", whichOwns("b")), false},
		"one that owns and is being deleted":   {linkOf("shop", "other", younger, whichOwns("a"), whichDies), linkOf("shop", "me"), true},
		"one that owns and only observes":      {linkOf("shop", "other", younger, whichOwns("a"), whichIs(v1alpha1.Observe)), linkOf("shop", "me"), true},
		"a younger one that has asked":         {linkOf("shop", "other", younger, whichClaims), linkOf("shop", "me"), true},
		"one that has asked and is Paused":     {linkOf("shop", "other", younger, whichClaims, whichIs(v1alpha1.Paused)), linkOf("shop", "me"), true},
		"one that has asked and is to go":      {linkOf("shop", "other", younger, whichClaims, whichDies), linkOf("shop", "me"), true},
		"an older one, but I have asked":       {linkOf("shop", "other", older), linkOf("shop", "me", whichClaims), false},
		"an older one, and both have asked":    {linkOf("shop", "other", older, whichClaims), linkOf("shop", "me", whichClaims), true},
		"a younger one, and both have asked":   {linkOf("shop", "other", younger, whichClaims), linkOf("shop", "me", whichClaims), false},
		"one that owns, and I have asked":      {linkOf("shop", "other", younger, whichOwns("a")), linkOf("shop", "me", whichClaims), true},
		"one that only observes what is there": {linkOf("shop", "other", older, whichSees, whichIs(v1alpha1.Observe)), linkOf("shop", "me"), false},
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
	r := &reconciliation{lifecycle: &lifecycle{kind: (&world{}).kind(), owners: &owners{}}, Session: Session{Object: me}}
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
		"nobody":                              {linkOf("shop", "me"), nil, nil, ""},
		"I myself":                            {linkOf("shop", "me", whichOwns("a")), []Managed{linkOf("shop", "me", whichOwns("a"))}, nil, ""},
		"another":                             {linkOf("shop", "me"), []Managed{linkOf("shop", "other", younger, whichOwns("a"))}, nil, "shop/other"},
		"another only looks at it":            {linkOf("shop", "me"), []Managed{linkOf("shop", "other", older, whichSees)}, nil, ""},
		"both, the other is older":            {linkOf("shop", "me", whichOwns("a")), []Managed{linkOf("shop", "other", older, whichOwns("a"))}, nil, "shop/other"},
		"both, I am older":                    {linkOf("shop", "me", whichOwns("a")), []Managed{linkOf("shop", "other", younger, whichOwns("a"))}, nil, ""},
		"another took it a moment ago":        {linkOf("shop", "me"), nil, map[string]string{"object a": "other"}, "shop/other"},
		"another, whose deletion is finished": {linkOf("shop", "me"), []Managed{linkOf("shop", "other", younger, whichOwns("a"), whichIsReleased)}, nil, ""},
		"I took it a moment ago":              {linkOf("shop", "me"), nil, map[string]string{"object a": "me"}, ""},
		"another took another a moment ago":   {linkOf("shop", "me"), nil, map[string]string{"object b": "other"}, ""},
		"mine, and a younger one took it":     {linkOf("shop", "me", whichOwns("a")), nil, map[string]string{"object a": "other"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			NewWithT(t).Expect(aReconciliation(c.me, c.taken).otherOwner("object a", c.others)).To(Equal(c.want))
		})
	}
}

func TestPrecedingResource(t *testing.T) {
	g := NewWithT(t)
	me := linkOf("shop", "me")
	older, younger := linkOf("shop", "older", bornAfter(-time.Hour), whichHasRead), linkOf("shop", "younger", bornAfter(time.Hour))
	g.Expect(aReconciliation(me, nil).precedingResource([]Managed{me, younger})).To(BeEmpty())
	g.Expect(aReconciliation(me, nil).precedingResource([]Managed{me, younger, older})).To(Equal("shop/older"))
	g.Expect(aReconciliation(me, map[string]string{"claim": "younger"}).precedingResource([]Managed{me, younger})).To(Equal("shop/younger"), "it is about to create")
}

func TestANewResourceLetsAnOlderOneTryItsCredentials(t *testing.T) {
	older, me := linkOf("shop", "a"), linkOf("shop", "b")
	for name, c := range map[string]struct {
		other *v1alpha1.StreamPrivateLink
		after time.Duration
		want  string
	}{
		"at first":                            {older, time.Second, "shop/a"},
		"only for a moment":                   {older, quietStart, ""},
		"not once it is known":                {linkOf("shop", "a", whichHasRead), time.Second, ""},
		"not where its credentials fail":      {linkOf("shop", "a", whichCannotSeeTheProject), time.Second, ""},
		"not a younger one":                   {linkOf("shop", "c"), time.Second, ""},
		"not one that only observes":          {linkOf("shop", "a", whichIs(v1alpha1.Observe)), time.Second, ""},
		"not one that is going to be deleted": {linkOf("shop", "a", whichDies), time.Second, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := aReconciliation(me, nil)
			r.tracked, r.Now = &tracked{since: noon}, noon.Add(c.after)
			NewWithT(t).Expect(r.untriedPredecessor([]Managed{me, c.other})).To(Equal(c.want))
		})
	}
}

// indexedBy puts the indexes of the cache into a fake client.
type indexedBy struct{ *fake.ClientBuilder }

func (b indexedBy) IndexField(_ context.Context, object client.Object, field string, values client.IndexerFunc) error {
	b.WithIndex(object, field, values)
	return nil
}
