package gitops_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	lua "github.com/yuin/gopher-lua"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/config/crd"
	"github.com/atlasstreams/operator/test/internal/manifest"
)

const (
	healthScript = "gitops/argocd/health.lua"
	argoConfig   = "gitops/argocd/argocd-cm.yaml"
	// scriptTime is what Argo CD gives a script.
	scriptTime = time.Second
)

// argoHealth is what a health script says.
type argoHealth struct{ status, message string }

// judgeByArgo runs the script that Argo CD would find for the resource in argocd-cm, in a VM with what Argo CD has in
// it when useOpenLibs is not set: the base and table libraries, and the resource as the global obj.
func judgeByArgo(ctx context.Context, object *unstructured.Unstructured) (argoHealth, error) {
	gvk := object.GroupVersionKind()
	script, ok := healthScripts()[gvk.Group+"_"+gvk.Kind]
	if !ok {
		return argoHealth{}, fmt.Errorf("Argo CD has no health script for %s", gvk)
	}
	vm := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer vm.Close()
	for name, open := range map[string]lua.LGFunction{
		lua.LoadLibName: lua.OpenPackage, lua.BaseLibName: lua.OpenBase, lua.TabLibName: lua.OpenTable,
	} {
		if err := vm.CallByParam(lua.P{Fn: vm.NewFunction(open), Protect: true}, lua.LString(name)); err != nil {
			return argoHealth{}, fmt.Errorf("open the library %s: %w", name, err)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, scriptTime)
	defer cancel()
	vm.SetContext(ctx)
	vm.SetGlobal("obj", toLua(vm, object.Object))
	if err := vm.DoString(script); err != nil {
		return argoHealth{}, fmt.Errorf("run the health script: %w", err)
	}
	result, ok := vm.Get(-1).(*lua.LTable)
	if !ok {
		return argoHealth{}, fmt.Errorf("the health script returns %s: %w", vm.Get(-1).Type(), os.ErrInvalid)
	}
	return argoHealth{result.RawGetString("status").String(), result.RawGetString("message").String()}, nil
}

// toLua turns a value of decoded JSON into one of Lua. There is no null in it: a member that is null is not there.
func toLua(vm *lua.LState, value any) lua.LValue {
	switch v := value.(type) {
	case bool:
		return lua.LBool(v)
	case string:
		return lua.LString(v)
	case int64:
		return lua.LNumber(v)
	case float64:
		return lua.LNumber(v)
	case json.Number:
		return lua.LString(v)
	case []any:
		table := vm.NewTable()
		for _, item := range v {
			table.Append(toLua(vm, item))
		}
		return table
	case map[string]any:
		table := vm.NewTable()
		for key, item := range v {
			table.RawSetString(key, toLua(vm, item))
		}
		return table
	default:
		return lua.LNil
	}
}

// healthScripts are those of argocd-cm.yaml by GROUP_KIND.
func healthScripts() map[string]string {
	data, err := os.ReadFile(argoConfig)
	if err != nil {
		panic(err)
	}
	config := &corev1.ConfigMap{}
	if err := yaml.UnmarshalStrict(data, config); err != nil {
		panic(err)
	}
	scripts := map[string]string{}
	for key, script := range config.Data {
		if name, ok := strings.CutPrefix(key, "resource.customizations.health."); ok {
			scripts[name] = script
		}
	}
	return scripts
}

// Each of our kinds has the script, byte for byte, and nothing else is in the patch.
func TestArgoConfig(t *testing.T) {
	g := NewWithT(t)
	script, err := os.ReadFile(healthScript)
	g.Expect(err).NotTo(HaveOccurred())
	crds, err := crd.All()
	g.Expect(err).NotTo(HaveOccurred())
	wanted := map[string]string{}
	for _, definition := range crds {
		wanted[definition.Spec.Group+"_"+definition.Spec.Names.Kind] = string(script)
	}
	g.Expect(wanted).To(HaveLen(3))
	g.Expect(healthScripts()).To(Equal(wanted), "run hack/argocd-cm.sh")
}

// The command in the file's head puts the scripts in and leaves all else as it was.
func TestArgoConfigIsAPatch(t *testing.T) {
	s := newStage(t)
	config := &corev1.ConfigMap{
		ObjectMeta: manifest.Meta(s.namespace, "argocd-cm"), Data: map[string]string{"url": "https://argocd.example.com"},
	}
	s.Create(config)
	data, err := os.ReadFile(argoConfig)
	s.Expect(err).NotTo(HaveOccurred())
	patch := strings.ReplaceAll(string(data), "namespace: argocd\n", "namespace: "+s.namespace+"\n")
	file := t.TempDir() + "/patch.yaml"
	s.Expect(os.WriteFile(file, []byte(patch), 0o600)).To(Succeed())

	out, err := s.kubectl("patch", "configmap", "argocd-cm", "--patch-file="+file)
	s.Expect(err).NotTo(HaveOccurred(), out)
	s.Reload(config)
	s.Expect(config.Data).To(HaveKeyWithValue("url", "https://argocd.example.com"))
	for name, script := range healthScripts() {
		s.Expect(config.Data).To(HaveKeyWithValue("resource.customizations.health."+name, script))
	}
}

// A script must not fail on what it has never seen: that would make a whole Application unknown.
func TestHealthOfStrangeResources(t *testing.T) {
	for name, object := range map[string]string{
		"no status":          `{}`,
		"no conditions":      `{"status": {"observedGeneration": 1}}`,
		"null conditions":    `{"status": {"observedGeneration": 1, "conditions": null}}`,
		"without a message":  `{"status": {"observedGeneration": 1, "conditions": [{"type": "Ready", "status": "Unknown"}]}}`,
		"a newer generation": `{"status": {"observedGeneration": 7, "conditions": [{"type": "Ready", "status": "True"}]}}`,
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			found := &unstructured.Unstructured{}
			g.Expect(json.Unmarshal([]byte(`{"apiVersion":"atlasstreams.io/v1alpha1","kind":"StreamConnection"}`), &found.Object)).To(Succeed())
			g.Expect(json.Unmarshal([]byte(object), &found.Object)).To(Succeed())
			found.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind("StreamConnection"))
			found.SetGeneration(1)
			health, err := judgeByArgo(t.Context(), found)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(health.status).To(Equal("Progressing"))
			g.Expect(health.message).NotTo(BeEmpty())
		})
	}
}
