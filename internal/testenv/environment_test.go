package testenv_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	k8sruntime "k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/atlasstreams/operator/config/crd"
	"github.com/atlasstreams/operator/internal/testenv"
)

const eventually = 60 * time.Second // a bound for slow machines, not a wait

func scheme() *k8sruntime.Scheme {
	s := k8sruntime.NewScheme()
	utilruntime.Must(clientgoscheme.AddToScheme(s))
	utilruntime.Must(apiextensionsv1.AddToScheme(s))
	return s
}

func TestControlPlane(t *testing.T) {
	g := NewWithT(t)
	env := testenv.New(t, testenv.Options{ControllerManager: true})
	c, err := client.New(env.Config, client.Options{Scheme: scheme()})
	g.Expect(err).NotTo(HaveOccurred())

	t.Run("has the project's CRDs", func(t *testing.T) {
		g := NewWithT(t)
		shipped, err := crd.All()
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(shipped).NotTo(BeEmpty())
		for _, definition := range shipped {
			installed := &apiextensionsv1.CustomResourceDefinition{}
			g.Expect(c.Get(t.Context(), client.ObjectKeyFromObject(definition), installed)).To(Succeed())
		}
	})

	t.Run("finishes the deletion of a namespace and collects what is owned", func(t *testing.T) {
		g := NewWithT(t)
		namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "short-lived"}}
		g.Expect(c.Create(t.Context(), namespace)).To(Succeed())
		owner := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: namespace.Name, Name: "owner"}}
		g.Expect(c.Create(t.Context(), owner)).To(Succeed())
		owned := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{
			Namespace: namespace.Name, Name: "owned",
			OwnerReferences: []metav1.OwnerReference{
				{APIVersion: "v1", Kind: "ConfigMap", Name: owner.Name, UID: owner.UID},
			},
		}}
		g.Expect(c.Create(t.Context(), owned)).To(Succeed())
		gone := func(object client.Object) func() bool {
			return func() bool {
				return apierrors.IsNotFound(c.Get(t.Context(), client.ObjectKeyFromObject(object), object))
			}
		}

		g.Expect(c.Delete(t.Context(), owner)).To(Succeed())
		g.Eventually(gone(owned)).WithTimeout(eventually).Should(BeTrue(), "the garbage collector works")
		g.Expect(c.Delete(t.Context(), namespace)).To(Succeed())
		g.Eventually(gone(namespace)).WithTimeout(eventually).Should(BeTrue(), "the namespace controller works")
	})

	t.Run("gives a service account no more than its rights", func(t *testing.T) {
		g := NewWithT(t)
		path, err := env.KubeconfigFor("system:serviceaccount:default:nobody",
			"system:serviceaccounts", "system:authenticated")
		g.Expect(err).NotTo(HaveOccurred())
		config, err := clientcmd.BuildConfigFromFlags("", path)
		g.Expect(err).NotTo(HaveOccurred())
		powerless, err := client.New(config, client.Options{Scheme: scheme()})
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(apierrors.IsForbidden(powerless.List(t.Context(), &corev1.SecretList{}))).To(BeTrue())
	})
}

func TestStartNamesTheMissingBinary(t *testing.T) {
	g := NewWithT(t)
	empty := t.TempDir()
	g.Expect(os.WriteFile(filepath.Join(empty, "go.mod"), []byte("module empty\n"), 0o600)).To(Succeed())
	t.Chdir(empty)
	t.Setenv("KUBEBUILDER_ASSETS", filepath.Join(empty, "assets"))
	t.Setenv("TMPDIR", empty)
	t.Setenv("XDG_DATA_HOME", empty)
	t.Setenv("HOME", empty)

	_, err := testenv.Start(t.Context(), testenv.Options{})

	g.Expect(err).To(MatchError(And(ContainSubstring("etcd is not in "+filepath.Join(empty, "assets")),
		ContainSubstring("setup-envtest@latest use"), ContainSubstring("KUBEBUILDER_ASSETS"), ContainSubstring("make control-plane"))))
	left, err := filepath.Glob(filepath.Join(empty, "atlas-streams-testenv-*"))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(left).To(BeEmpty(), "a start that failed leaves nothing behind")
}

func TestKubebuilderAssetsWin(t *testing.T) {
	g := NewWithT(t)
	assets := t.TempDir()
	g.Expect(os.WriteFile(filepath.Join(assets, "etcd"), []byte("#!/bin/sh\n"), 0o700)).To(Succeed())
	t.Setenv("KUBEBUILDER_ASSETS", assets)

	g.Expect(testenv.Binary("etcd")).To(Equal(filepath.Join(assets, "etcd")))
	g.Expect(testenv.Binary("kube-apiserver")).To(HaveSuffix(filepath.Join("bin", "k8s", "kube-apiserver")),
		"what the assets lack comes from our own build")
}

// The newest version that setup-envtest has installed for this platform is used where nothing else is there, also by a
// module without bin/k8s, and each program from where it is.
func TestBinaryOfSetupEnvtest(t *testing.T) {
	g := NewWithT(t)
	home := t.TempDir()
	t.Chdir(home)
	t.Setenv("KUBEBUILDER_ASSETS", "")
	t.Setenv("XDG_DATA_HOME", "")
	t.Setenv("HOME", home)
	store, err := envtest.SetupEnvtestDefaultBinaryAssetsDirectory()
	g.Expect(err).NotTo(HaveOccurred())
	platform := "-" + runtime.GOOS + "-" + runtime.GOARCH
	for _, dir := range []string{"1.9.1" + platform, "1.31.0" + platform, "1.30.12" + platform, "1.40.0-plan9-mips", "rubbish"} {
		g.Expect(os.MkdirAll(filepath.Join(store, dir), 0o700)).To(Succeed())
		if dir != "1.31.0"+platform {
			g.Expect(os.WriteFile(filepath.Join(store, dir, "kubectl"), []byte("#!/bin/sh\n"), 0o700)).To(Succeed())
		}
		g.Expect(os.WriteFile(filepath.Join(store, dir, "etcd"), []byte("#!/bin/sh\n"), 0o700)).To(Succeed())
	}

	g.Expect(testenv.Binary("etcd")).To(Equal(filepath.Join(store, "1.31.0"+platform, "etcd")))
	g.Expect(testenv.Binary("kubectl")).To(Equal(filepath.Join(store, "1.30.12"+platform, "kubectl")))
}
