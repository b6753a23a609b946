package credentials

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	testclock "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

var (
	ownSecret   = types.NamespacedName{Namespace: "shop", Name: "atlas"}
	defaultName = types.NamespacedName{Namespace: "operator", Name: "default"}
)

const testProject = "0123456789abcdef01234567"

// noon is the start time of the tests.
var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// vault is a cluster with Secrets and the credentials store of one process.
type vault struct {
	t        *testing.T
	kube     client.Client
	options  atlas.Options
	defaults Defaults
	store    *Store
	link     *v1alpha1.StreamPrivateLink
	now      time.Time
	puts     int
}

// newVault returns a link with its own Secret, and default credentials for its namespace and project.
func newVault(t *testing.T) *vault {
	t.Helper()
	v := &vault{t: t, kube: fake.NewClientBuilder().Build(), now: noon,
		options:  atlas.Options{BaseURL: "http://127.0.0.1:1", Timeout: 30 * time.Second},
		defaults: Defaults{Name: defaultName, Namespaces: []string{"shop"}},
	}
	v.link = &v1alpha1.StreamPrivateLink{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "link"}}
	v.link.Spec.ProjectID, v.link.Spec.CredentialsRef = testProject, &v1alpha1.LocalReference{Name: ownSecret.Name}
	v.put(ownSecret, map[string]string{"clientId": "own", "clientSecret": "planted"})
	v.put(defaultName, map[string]string{"clientId": "default", "clientSecret": "planted", "projectIds": "another, " + testProject})
	v.restart()
	return v
}

func (v *vault) restart() {
	v.store = NewStore(&Reader{v.kube, v.kube}, v.options, v.defaults, clock.RealClock{}, 0)
}

func (v *vault) put(name types.NamespacedName, values map[string]string) {
	v.t.Helper()
	v.puts++ // the API server gives each new object another UID
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: name.Namespace, Name: name.Name, UID: types.UID(fmt.Sprint(v.puts))},
		Data:       map[string][]byte{},
	}
	for key, value := range values {
		secret.Data[key] = []byte(value)
	}
	v.remove(name)
	if err := v.kube.Create(v.t.Context(), secret); err != nil {
		v.t.Fatal(err)
	}
}

func (v *vault) remove(name types.NamespacedName) {
	v.t.Helper()
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: name.Namespace, Name: name.Name}}
	if err := client.IgnoreNotFound(v.kube.Delete(v.t.Context(), secret)); err != nil {
		v.t.Fatal(err)
	}
}

func (v *vault) resolve() (InUse, *decision.Blocker) {
	v.t.Helper()
	inUse, blocked, err := v.store.Resolve(v.t.Context(), v.link, v.now)
	if err != nil {
		v.t.Fatal(err)
	}
	return inUse, blocked
}

// Steps that prepare a vault before its credentials are resolved.
func used(v *vault)      { v.resolve() }
func ownGone(v *vault)   { v.remove(ownSecret) }
func dying(v *vault)     { v.link.DeletionTimestamp = &metav1.Time{Time: noon} }
func restarted(v *vault) { v.restart() }
func ownedOne(v *vault)  { v.link.Status.ID, v.link.Status.Ownership = "a", v1alpha1.OwnershipCreated }
func claimedOne(v *vault) {
	v.link.Status.CreateRequestedAt = new(metav1.NewMicroTime(noon))
}
func withLineEnds(v *vault) {
	v.put(ownSecret, map[string]string{"clientId": "\uFEFFown\r\n", "clientSecret": "planted\n"})
}
func blankKey(v *vault) {
	v.put(ownSecret, map[string]string{"clientId": "own", "clientSecret": " \n"})
}
func bytesInKey(v *vault) {
	v.put(ownSecret, map[string]string{"clientId": "own", "clientSecret": "planted\xFF"})
}
func bothSchemes(v *vault) {
	v.put(ownSecret, map[string]string{"clientId": "own", "clientSecret": "planted", "publicApiKey": "key", "privateApiKey": "planted"})
}
func keyAndHalfAnAccount(v *vault) {
	v.put(ownSecret, map[string]string{"clientId": "own", "publicApiKey": "key", "privateApiKey": "planted"})
}
func noReference(v *vault) { v.link.Spec.CredentialsRef = nil }
func keyLost(v *vault)     { v.put(ownSecret, map[string]string{"clientId": "own"}) }
func noDefaults(v *vault) {
	v.defaults.Name = types.NamespacedName{}
	v.restart()
}
func defaultsOfOthers(v *vault) {
	v.defaults.Namespaces = []string{"elsewhere"}
	v.restart()
}
func defaultsOfAll(v *vault) {
	v.defaults.Namespaces = []string{"*"}
	v.restart()
}
func defaultsGone(v *vault) { v.remove(defaultName) }
func defaultsOfOtherProjects(v *vault) {
	v.put(defaultName, map[string]string{"clientId": "default", "clientSecret": "planted", "projectIds": "another"})
}
func defaultsOfNoProject(v *vault) {
	v.put(defaultName, map[string]string{"clientId": "default", "clientSecret": "planted"})
}
func inOperatorNamespace(v *vault) { v.link.Namespace = defaultName.Namespace }
func later(d time.Duration) func(*vault) {
	return func(v *vault) { v.now = v.now.Add(d) }
}

// refusedByAtlas reports the current credentials as rejected by Atlas.
func refusedByAtlas(v *vault) {
	inUse, _ := v.resolve()
	v.store.Refused(inUse)
}

func TestWhichCredentialsAreUsed(t *testing.T) {
	type steps = []func(*vault)
	for name, c := range map[string]struct {
		after        steps
		clientID     string // expected client ID; empty for none
		reason       string // reason of CredentialsReady instead of Accepted
		fromDefaults bool
	}{
		"its Secret":                            {nil, "own", "", false},
		"gone, not even what is remembered":     {steps{used, ownGone}, "", v1alpha1.ReasonSecretNotFound, false},
		"gone, owned, not even the defaults":    {steps{ownedOne, ownGone}, "", v1alpha1.ReasonSecretNotFound, false},
		"with line ends":                        {steps{withLineEnds}, "own", "", false},
		"both schemes, the service account":     {steps{bothSchemes}, "own", "", false},
		"an API key and half an account":        {steps{keyAndHalfAnAccount}, "key", "", false},
		"a key is blank":                        {steps{blankKey}, "", v1alpha1.ReasonKeyMissing, false},
		"a key is no text":                      {steps{bytesInKey}, "", v1alpha1.ReasonKeyMissing, false},
		"a key is missing":                      {steps{used, keyLost}, "", v1alpha1.ReasonKeyMissing, false},
		"deleting, its Secret":                  {steps{dying, ownedOne}, "own", "", false},
		"deleting, its Secret is back":          {steps{dying, ownedOne, used, ownGone, func(v *vault) { v.put(ownSecret, map[string]string{"clientId": "new", "clientSecret": "planted"}) }}, "new", "", false},
		"deleting, gone, remembered":            {steps{used, ownGone, later(59 * time.Minute), dying, ownedOne}, "own", v1alpha1.ReasonSecretNotFound, false},
		"deleting, gone, remembered, a claim":   {steps{used, ownGone, dying, claimedOne}, "own", v1alpha1.ReasonSecretNotFound, false},
		"deleting, gone, remembered too long":   {steps{noDefaults, used, ownGone, later(time.Hour), dying, ownedOne}, "", v1alpha1.ReasonSecretNotFound, false},
		"deleting, gone, refused since":         {steps{noDefaults, used, refusedByAtlas, ownGone, dying, ownedOne}, "", v1alpha1.ReasonSecretNotFound, false},
		"deleting, gone, refused from memory":   {steps{noDefaults, used, ownGone, dying, ownedOne, refusedByAtlas}, "", v1alpha1.ReasonSecretNotFound, false},
		"deleting, gone, nobody remembers":      {steps{noDefaults, used, restarted, ownGone, dying, ownedOne}, "", v1alpha1.ReasonSecretNotFound, false},
		"deleting, a key is missing":            {steps{noDefaults, used, keyLost, dying, ownedOne}, "", v1alpha1.ReasonKeyMissing, false},
		"deleting, gone, the defaults":          {steps{ownGone, dying, ownedOne}, "default", v1alpha1.ReasonSecretNotFound, true},
		"deleting, key missing, the defaults":   {steps{keyLost, dying, ownedOne}, "default", v1alpha1.ReasonKeyMissing, true},
		"deleting, too long, the defaults":      {steps{used, ownGone, later(time.Hour), dying, ownedOne}, "default", v1alpha1.ReasonSecretNotFound, true},
		"deleting, gone, no id to delete":       {steps{ownGone, dying, claimedOne}, "", v1alpha1.ReasonSecretNotFound, false},
		"deleting, gone, defaults of others":    {steps{defaultsOfOthers, ownGone, dying, ownedOne}, "", v1alpha1.ReasonSecretNotFound, false},
		"deleting, gone, of other projects":     {steps{defaultsOfOtherProjects, ownGone, dying, ownedOne}, "", v1alpha1.ReasonSecretNotFound, false},
		"deleting, gone, defaults gone too":     {steps{defaultsGone, ownGone, dying, ownedOne}, "", v1alpha1.ReasonSecretNotFound, false},
		"names none, the defaults":              {steps{noReference}, "default", "", true},
		"names none, the defaults of all":       {steps{noReference, defaultsOfAll}, "default", "", true},
		"names none, there are none":            {steps{noReference, noDefaults}, "", v1alpha1.ReasonNotAllowed, false},
		"names none, defaults of others":        {steps{noReference, defaultsOfOthers}, "", v1alpha1.ReasonNotAllowed, false},
		"names none, of other projects":         {steps{noReference, defaultsOfOtherProjects}, "", v1alpha1.ReasonNotAllowed, false},
		"names none, of no project":             {steps{noReference, defaultsOfNoProject}, "", v1alpha1.ReasonNotAllowed, false},
		"names none, at home, of no project":    {steps{noReference, defaultsOfNoProject, inOperatorNamespace}, "default", "", false},
		"names none, at home, of other project": {steps{noReference, defaultsOfOtherProjects, inOperatorNamespace}, "", v1alpha1.ReasonNotAllowed, false},
		"names none, the defaults are gone":     {steps{noReference, defaultsGone}, "", v1alpha1.ReasonSecretNotFound, false},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			v := newVault(t)
			for _, step := range c.after {
				step(v)
			}
			inUse, blocked := v.resolve()
			if c.clientID == "" {
				g.Expect(blocked).NotTo(BeNil(), "used those of %s", inUse.Source)
				g.Expect(inUse.Client).To(BeNil())
				g.Expect(blocked.Reason).To(Equal(c.reason))
				g.Expect(blocked.Effect).To(Equal(decision.CredentialsRefused))
				g.Expect(blocked.Message).NotTo(ContainSubstring("planted"))
				return
			}
			g.Expect(blocked).To(BeNil())
			g.Expect(inUse.Credentials.ID).To(Equal(c.clientID))
			g.Expect(inUse.Reason).To(Equal(c.reason))
			if c.reason == "" {
				g.Expect(inUse.Note).To(BeEmpty())
			} else {
				g.Expect(inUse.Note).NotTo(BeEmpty(), "CredentialsReady says which are used")
			}
			g.Expect(inUse.FromDefaults).To(Equal(c.fromDefaults))
		})
	}
}

func TestDeletionReportsItsMissingSecret(t *testing.T) {
	v := newVault(t)
	for _, step := range []func(*vault){defaultsGone, ownGone, dying, ownedOne} {
		step(v)
	}
	_, blocked := v.resolve()
	NewWithT(t).Expect(blocked.Message).To(ContainSubstring(ownSecret.String()), "that is what can be restored")
}

func TestInvalidCredentialKeysAreReported(t *testing.T) {
	for name, c := range map[string]struct {
		holds   map[string]string
		message string
	}{
		"nothing":           {nil, "Secret shop/atlas lacks clientId and clientSecret: put clientId and clientSecret of a service account there, or publicApiKey and privateApiKey of an API key."},
		"missing":           {map[string]string{"clientId": "own"}, "Secret shop/atlas lacks clientSecret: put"},
		"empty":             {map[string]string{"publicApiKey": "own", "privateApiKey": "\n"}, "Secret shop/atlas has an empty privateApiKey: put"},
		"missing and empty": {map[string]string{"clientId": ""}, "Secret shop/atlas lacks clientSecret and has an empty clientId: put"},
		"UTF-16":            {map[string]string{"clientId": "own", "clientSecret": "\xFF\xFEp\x00"}, "Secret shop/atlas: the value of the key clientSecret is UTF-16 text, not UTF-8: correct it."},
	} {
		t.Run(name, func(t *testing.T) {
			v := newVault(t)
			v.put(ownSecret, c.holds)
			_, blocked := v.resolve()
			NewWithT(t).Expect(blocked.Message).To(ContainSubstring(c.message))
		})
	}
}

// A Secret is read once per version, and only its credentials are kept.
func TestCredentialsAreReadWhenTheyChange(t *testing.T) {
	g := NewWithT(t)
	v := newVault(t)
	live := &countingReader{Reader: v.kube}
	v.store.Secrets = &Reader{v.kube, live}
	v.resolve()
	v.resolve()
	g.Expect(live.reads).To(Equal(1))
	v.put(ownSecret, map[string]string{"clientId": "new", "clientSecret": "planted"})
	inUse, _ := v.resolve()
	g.Expect(inUse.Credentials.ID).To(Equal("new"))
	g.Expect(live.reads).To(Equal(2))
}

type countingReader struct {
	client.Reader
	reads int
}

func (r *countingReader) Get(ctx context.Context, key client.ObjectKey, object client.Object, opts ...client.GetOption) error {
	r.reads++
	return r.Reader.Get(ctx, key, object, opts...)
}

// Values of a deleted Secret are dropped after an hour, even if no resource uses them.
func TestUnusedCredentialsAreDropped(t *testing.T) {
	g := NewWithT(t)
	v := newVault(t)
	clock := testclock.NewFakeClock(noon)
	v.store.clock = clock
	v.resolve()
	v.remove(ownSecret)
	g.Expect(v.remembered()).To(Equal(1))

	ended := make(chan error)
	ctx, stop := context.WithCancel(t.Context())
	go func() { ended <- v.store.DropIdle(ctx) }()
	for range 59 {
		g.Eventually(clock.HasWaiters).Should(BeTrue())
		clock.Step(time.Minute)
	}
	g.Eventually(clock.HasWaiters).Should(BeTrue())
	g.Expect(v.remembered()).To(Equal(1), "a deletion may still need them")
	clock.Step(time.Minute)
	g.Eventually(v.remembered).Should(BeZero())
	stop()
	g.Eventually(ended).Should(Receive(BeNil()))
}

// A resource that Atlas shows as it should be is not reconciled for days.
func TestCredentialsOfASteadyResourceAreRemembered(t *testing.T) {
	g := NewWithT(t)
	v := newVault(t)
	noDefaults(v)
	used(v)
	for range 26 * 60 {
		v.now = v.now.Add(idleCheckInterval)
		v.store.dropIdle(t.Context(), v.now)
	}
	for _, step := range []func(*vault){ownGone, later(59 * time.Minute), dying, ownedOne} {
		step(v)
	}
	inUse, blocked := v.resolve()
	g.Expect(blocked).To(BeNil())
	g.Expect(inUse.Credentials.ID).To(Equal("own"))
}

func TestCredentialsWithoutCallsAreDroppedThoughTheirSecretExists(t *testing.T) {
	g := NewWithT(t)
	v := newVault(t)
	used(v)
	v.store.dropIdle(t.Context(), time.Now().Add(idleClientLifetime+time.Minute))
	g.Expect(v.remembered()).To(Equal(1), "a deletion may still need them")
	v.store.dropIdle(t.Context(), time.Now().Add(idleClientLifetime+time.Minute+rememberedFor))
	g.Expect(v.remembered()).To(BeZero())
}

// The list that watches a steady resource calls Atlas with this client, at an interval that users choose.
func TestClientOfASteadyResourceStaysOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := NewWithT(t)
		v := newVault(t)
		v.store.polled, v.now = 12*time.Hour, time.Now()
		inUse, _ := v.resolve()
		for range 12 * 60 {
			time.Sleep(idleCheckInterval)
			v.store.dropIdle(t.Context(), time.Now())
		}
		synctest.Wait()
		_, err := inUse.Client.Reserve(t.Context(), testProject)
		g.Expect(err).NotTo(HaveOccurred())

		ownGone(v)
		for range 4 * 60 {
			time.Sleep(idleCheckInterval)
			v.store.dropIdle(t.Context(), time.Now())
		}
		synctest.Wait()
		_, err = inUse.Client.Reserve(t.Context(), testProject)
		g.Expect(err).To(MatchError(atlas.ErrClosed))
	})
}

// A user may write a Secret ten times a second, and a client takes ten kilobytes.
func TestRotationsDoNotFillTheMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVault(t)
		for i := range 2 * 60 {
			v.put(ownSecret, map[string]string{"clientId": "own", "clientSecret": fmt.Sprint("planted", i)})
			v.now = time.Now()
			v.resolve()
			time.Sleep(idleCheckInterval)
			v.store.dropIdle(t.Context(), time.Now())
		}
		synctest.Wait()
		NewWithT(t).Expect(len(v.store.clients)).To(BeNumerically("<", 20))
	})
}

// One namespace cannot evict credentials that deletions in another one need.
func TestRememberedCredentialsAreBoundedByNumberInEachNamespace(t *testing.T) {
	g := NewWithT(t)
	store := NewStore(nil, atlas.Options{}, Defaults{}, clock.RealClock{}, 0)
	store.remember(ownSecret, &remembered{seen: noon})
	for i := range 3 * rememberedPerNamespace {
		name := types.NamespacedName{Namespace: "crowd", Name: fmt.Sprint(i)}
		store.remember(name, &remembered{seen: noon.Add(time.Duration(i) * time.Second)})
	}
	g.Expect(store.remembered).To(HaveLen(1 + rememberedPerNamespace))
	g.Expect(store.remembered).To(HaveKey(ownSecret))
	g.Expect(store.remembered).To(HaveKey(types.NamespacedName{Namespace: "crowd", Name: fmt.Sprint(3*rememberedPerNamespace - 1)}), "the newest stay")
}

func (v *vault) remembered() int {
	v.store.mu.Lock()
	defer v.store.mu.Unlock()
	return len(v.store.remembered)
}

// A deletion whose Secret is deleted has only these credentials.
func TestDefaultCredentialsReachNoClusterOfAnotherProject(t *testing.T) {
	for name, c := range map[string]struct {
		clusterProject string
		allowed        bool
	}{
		"of its own project":          {"", true},
		"of a project that is listed": {"another", true},
		"of a project that is not":    {"secret", false},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			v := newVault(t)
			connection := &v1alpha1.StreamConnection{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "orders"}}
			connection.Spec.ProjectID = testProject
			connection.Spec.Cluster = &v1alpha1.ClusterConnection{ClusterName: "c", ClusterProjectID: c.clusterProject}
			inUse, blocked, err := v.store.Resolve(t.Context(), connection, v.now)
			g.Expect(err).NotTo(HaveOccurred())
			if c.allowed {
				g.Expect(blocked).To(BeNil())
				g.Expect(inUse.FromDefaults).To(BeTrue())
				return
			}
			g.Expect(blocked).NotTo(BeNil())
			g.Expect(blocked.Reason).To(Equal(v1alpha1.ReasonNotAllowed))
			g.Expect(blocked.Message).To(ContainSubstring("secret"))
		})
	}
}
