package operatortest_test

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
	"github.com/atlasstreams/operator/operatortest"
)

// recorder is a test that may fail.
type recorder struct {
	failure  string
	cleanups []func()
}

func (r *recorder) Helper()             {}
func (r *recorder) Cleanup(f func())    { r.cleanups = append(r.cleanups, f) }
func (r *recorder) Logf(string, ...any) {}
func (r *recorder) Fatalf(format string, args ...any) {
	r.failure = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// failureOf runs a test that has to fail and returns its message.
func failureOf(t *testing.T, test func(operatortest.TB)) string {
	t.Helper()
	r := &recorder{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			for _, f := range slices.Backward(r.cleanups) {
				f()
			}
		}()
		test(r)
	}()
	<-done
	if r.failure == "" {
		t.Fatal("it did not fail")
	}
	return r.failure
}

func TestFailures(t *testing.T) {
	ctx := t.Context()
	stack := operatortest.Start(t)
	credentials := stack.Credentials(ctx, "default")

	t.Run("Stalled ends WaitReady at once, with conditions and events", func(t *testing.T) {
		g := NewWithT(t)
		stack.Atlas.FailNextPrivateLink(atlastest.DefaultProjectID, "the endpoint service refused the connection")
		object := link("default", "refused", credentials)
		g.Expect(stack.Client.Create(ctx, object)).To(Succeed())
		started := time.Now()
		message := failureOf(t, func(t operatortest.TB) { operatortest.WaitReady(ctx, t, stack.Client, object) })
		g.Expect(time.Since(started)).To(BeNumerically("<", 20*time.Second), "long before the deadline")
		g.Expect(message).To(And(
			HavePrefix("StreamPrivateLink default/refused is stalled: Failed: "),
			ContainSubstring("the endpoint service refused the connection"),
			ContainSubstring("Stalled=True Failed: "), ContainSubstring("Ready=False Failed: "),
			MatchRegexp(`last events:\n(.*\n)* .* Normal Created: .*\n.* Warning Failed: `),
		))
	})
	t.Run("the deadline shows what it waits for", func(t *testing.T) {
		g := NewWithT(t)
		object := connection("default", "orders", "missing")
		g.Expect(stack.Client.Create(ctx, object)).To(Succeed())
		operatortest.WaitReason(ctx, t, stack.Client, object, v1alpha1.ConditionReady, "SecretNotFound")
		limited, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
		defer cancel()
		message := failureOf(t, func(t operatortest.TB) { operatortest.WaitReady(limited, t, stack.Client, object) })
		g.Expect(message).To(And(HavePrefix("StreamConnection default/orders is not Ready after "),
			ContainSubstring("Ready=False SecretNotFound: "), ContainSubstring("last events:\n")))
	})
	t.Run("a resource that does not exist", func(t *testing.T) {
		limited, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
		defer cancel()
		message := failureOf(t, func(t operatortest.TB) {
			operatortest.WaitReady(limited, t, stack.Client, connection("default", "nowhere", credentials))
		})
		NewWithT(t).Expect(message).To(ContainSubstring(`last read: streamconnections.atlasstreams.io "nowhere" not found`))
	})
	t.Run("credentials where nothing can be made", func(t *testing.T) {
		message := failureOf(t, func(t operatortest.TB) {
			operatortest.Start(t, operatortest.Into(stack.Config), operatortest.ManagerFlags("--watch-namespaces=bad")).
				Credentials(ctx, "Not_A_Name")
		})
		NewWithT(t).Expect(message).To(HavePrefix(`make credentials in namespace "Not_A_Name": `))
	})
	t.Run("credentials that are revoked do no harm to others", func(t *testing.T) {
		g := NewWithT(t)
		other := stack.Credentials(ctx, "default")
		g.Expect(other).NotTo(Equal(credentials))
		secret := &corev1.Secret{}
		g.Expect(stack.Client.Get(ctx, client.ObjectKey{Namespace: "default", Name: credentials}, secret)).To(Succeed())
		stack.Atlas.RevokeCredential(string(secret.Data["clientId"]))
		refused, accepted := connection("default", "refused", credentials), connection("default", "accepted", other)
		g.Expect(stack.Client.Create(ctx, refused)).To(Succeed())
		g.Expect(stack.Client.Create(ctx, accepted)).To(Succeed())
		operatortest.WaitReady(ctx, t, stack.Client, accepted)
		operatortest.WaitReason(ctx, t, stack.Client, refused, v1alpha1.ConditionReady, "Unauthorized")
	})
	t.Run("flags that the manager refuses", func(t *testing.T) {
		for flag, want := range map[string]string{
			"--nothing": "nothing", "--steady-poll-interval=0": "--steady-poll-interval", "shop": `"shop" is not a flag`,
		} {
			message := failureOf(t, func(t operatortest.TB) {
				operatortest.Start(t, operatortest.Into(stack.Config), operatortest.ManagerFlags(flag))
			})
			NewWithT(t).Expect(message).To(And(ContainSubstring("read the manager's flags"), ContainSubstring(want)))
		}
	})
}

func TestFailuresOfStart(t *testing.T) {
	empty := t.TempDir()
	t.Chdir(empty)
	t.Setenv("KUBEBUILDER_ASSETS", "")
	t.Setenv("XDG_DATA_HOME", empty)
	t.Setenv("HOME", empty)
	unreachable := &rest.Config{Host: "http://127.0.0.1:1"}
	for name, c := range map[string]struct {
		options []operatortest.Option
		want    []string
	}{
		"no binaries": {nil, []string{"etcd is not in " + filepath.Join(empty), "setup-envtest", "KUBEBUILDER_ASSETS"}},
		"no config":   {[]operatortest.Option{operatortest.Into(nil)}, []string{"Into", "nil"}},
		"no server":   {[]operatortest.Option{operatortest.Into(unreachable)}, []string{"127.0.0.1:1"}},
	} {
		t.Run(name, func(t *testing.T) {
			message := failureOf(t, func(t operatortest.TB) { operatortest.Start(t, c.options...) })
			g := NewWithT(t)
			g.Expect(message).To(HavePrefix("start the stack: "))
			for _, want := range c.want {
				g.Expect(message).To(ContainSubstring(want))
			}
		})
	}
}
