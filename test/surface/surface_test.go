// Package surface_test keeps the public surface of the module in files, so that a change of it is seen in a review:
// what the public packages export, and which modules somebody needs who imports the test kit.
//
// UPDATE=1 go test ./test/surface writes the files anew. A change belongs into the CHANGELOG.
package surface_test

import (
	"bytes"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	_ "github.com/atlasstreams/operator/operatortest" // its change makes go test run this anew
)

const module = "github.com/atlasstreams/operator"

func TestExportedIdentifiers(t *testing.T) {
	for _, dir := range []string{"api/v1alpha1", "atlastest", "operatortest", "config/crd"} {
		t.Run(dir, func(t *testing.T) {
			expectGolden(t, strings.ReplaceAll(dir, "/", "-")+".txt", exported(t, dir))
		})
	}
}

// Somebody who imports the test kit gets these modules into their go.mod. No test framework and none of the tools that
// this repository is built with is among them.
func TestModulesOfTheTestKit(t *testing.T) {
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", module+"/operatortest")
	list.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64") // the same list on every machine
	out, err := list.Output()
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	modules := strings.Fields(string(out))
	slices.Sort(modules)
	text := strings.Join(slices.Compact(modules), "\n") + "\n"
	for _, unwanted := range []string{"onsi/", "testify", "controller-tools", "k8s.io/kubernetes", "helm.sh", "golangci"} {
		NewWithT(t).Expect(text).NotTo(ContainSubstring(unwanted))
	}
	expectGolden(t, "operatortest-modules.txt", text)
}

func expectGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("UPDATE") != "" {
		NewWithT(t).Expect(os.WriteFile(path, []byte(got), 0o600)).To(Succeed())
	}
	want, err := os.ReadFile(path)
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	if string(want) == got {
		return
	}
	diff, _ := diffOf(t, path, got)
	t.Errorf("the public surface differs from test/surface/testdata/%s:\n%s\n"+
		"If that is meant, run `UPDATE=1 go test ./test/surface` and say so in the CHANGELOG.", name, diff)
}

func diffOf(t *testing.T, path, got string) (string, error) {
	t.Helper()
	diff := exec.CommandContext(t.Context(), "diff", "-u", path, "-")
	diff.Stdin = strings.NewReader(got)
	out, err := diff.Output() // 1 says that they differ
	return string(out), err
}

// exported are the declarations of what a package exports, without comments, in the order of `go doc`.
func exported(t *testing.T, dir string) string {
	t.Helper()
	g := NewWithT(t)
	names, err := filepath.Glob(filepath.Join("..", "..", dir, "*.go"))
	g.Expect(err).NotTo(HaveOccurred())
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") || strings.HasPrefix(filepath.Base(name), "zz_generated") {
			continue
		}
		file, err := parser.ParseFile(fset, name, nil, parser.SkipObjectResolution)
		g.Expect(err).NotTo(HaveOccurred())
		files = append(files, file)
	}
	pkg, err := doc.NewFromFiles(fset, files, module+"/"+dir)
	g.Expect(err).NotTo(HaveOccurred())

	w := &writer{g: g, fset: fset}
	w.values(pkg.Consts, pkg.Vars)
	w.functions(pkg.Funcs)
	for _, kind := range pkg.Types {
		w.declaration(kind.Decl)
		w.values(kind.Consts, kind.Vars)
		w.functions(kind.Funcs, kind.Methods)
	}
	return w.String()
}

type writer struct {
	bytes.Buffer
	g    *WithT
	fset *token.FileSet
}

func (w *writer) values(groups ...[]*doc.Value) {
	for _, value := range slices.Concat(groups...) {
		w.declaration(value.Decl)
	}
}

func (w *writer) functions(groups ...[]*doc.Func) {
	for _, function := range slices.Concat(groups...) {
		w.declaration(function.Decl)
	}
}

func (w *writer) declaration(declaration ast.Decl) {
	var text bytes.Buffer
	w.g.Expect(printer.Fprint(&text, w.fset, declaration)).To(Succeed())
	for line := range strings.Lines(text.String()) {
		if strings.TrimSpace(line) != "" {
			w.WriteString(strings.TrimRight(line, "\n") + "\n")
		}
	}
	w.WriteString("\n")
}
