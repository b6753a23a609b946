package main

import (
	"bytes"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func object(generation int64, ready map[string]any) *unstructured.Unstructured {
	o := &unstructured.Unstructured{Object: map[string]any{
		"kind":   "StreamPrivateLink",
		"status": map[string]any{"state": "DONE", "id": "42", "conditions": []any{ready}},
	}}
	o.SetName("l")
	o.SetNamespace("n")
	o.SetGeneration(generation)
	return o
}

func TestNewRow(t *testing.T) {
	g := NewWithT(t)
	ready := map[string]any{
		"type": "Ready", "status": "True", "reason": "Done", "message": "state=DONE", "observedGeneration": int64(2),
	}
	g.Expect(newRow(object(2, ready))).To(Equal(row{
		namespace: "n", resource: "streamprivatelink/l", ready: "True", state: "DONE", reason: "Done", message: "state=DONE", id: "42",
	}))
	g.Expect(newRow(object(3, ready)).ready).To(Equal("Unknown"), "the condition is about the generation before")
	g.Expect(newRow(object(2, map[string]any{"type": "Synced", "status": "True"})).ready).To(Equal("Unknown"))
}

func TestTableWithoutTerminal(t *testing.T) {
	g := NewWithT(t)
	var out bytes.Buffer
	table := newTable(&out)
	waiting := row{namespace: "n", resource: "streamprivatelink/a", ready: "False", reason: "Working", message: "state=WORKING"}
	done := row{namespace: "n", resource: "streamprivatelink/a", ready: "True", reason: "Done", message: "state=DONE"}

	for _, step := range []struct {
		rows []row
		want string
	}{
		{[]row{waiting}, "streamprivatelink/a .* Ready=False +Working +state=WORKING\n$"},
		{[]row{waiting}, "^$"},
		{[]row{done}, "streamprivatelink/a .* Ready=True +Done +state=DONE\n$"},
		{nil, "streamprivatelink/a .* Ready=- +Gone\n$"},
	} {
		out.Reset()
		table.show(step.rows)
		g.Expect(out.String()).To(MatchRegexp(step.want))
	}
}

func TestTableOnATerminal(t *testing.T) {
	g := NewWithT(t)
	var out bytes.Buffer
	table := newTable(&out)
	table.width, table.height = 40, 10

	table.show([]row{{namespace: "n", resource: "streamprivatelink/with-a-long-name", ready: "False"}})
	for line := range bytes.Lines(out.Bytes()) {
		g.Expect(len(line)).To(BeNumerically("<=", 40), "no line wraps")
	}
	out.Reset()
	table.show([]row{{namespace: "n", resource: "streamprivatelink/with-a-long-name", ready: "True"}})
	g.Expect(out.String()).To(HavePrefix("\x1b[2A\x1b[J"), "the header and the row are written over")
}

func TestShellJoin(t *testing.T) {
	NewWithT(t).Expect(shellJoin([]string{"get", "a b", "it's", "-o", "{.x}"})).To(Equal(`get 'a b' 'it'\''s' -o '{.x}'`))
}
