package v1alpha1_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/config/crd"
)

const docs = "../../docs"

// TestEveryReasonIsDescribed: people look a reason up by the word that a condition shows them. It has a page where there
// is something to do, and a row of the index in any case.
func TestEveryReasonIsDescribed(t *testing.T) {
	g := NewWithT(t)
	index := read(t, "reasons/README.md")
	var described []string
	for _, row := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\| `").FindAllStringSubmatch(index, -1) {
		described = append(described, row[1])
	}
	g.Expect(described).NotTo(BeEmpty())
	files, err := filepath.Glob(filepath.Join(docs, "reasons", "*.md"))
	g.Expect(err).NotTo(HaveOccurred())
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".md")
		if name == "README" || name == "events" {
			continue
		}
		described = append(described, name)
		page := read(t, "reasons/"+name+".md")
		g.Expect(page).To(And(HavePrefix("# "+name+"\n\n**On:** "), ContainSubstring("\nWhat to do:\n")))
		g.Expect(index).To(ContainSubstring("| [" + name + "](" + name + ".md) | "))
	}
	g.Expect(described).To(ConsistOf(constantsNamed(t, "Reason")))
}

func TestEveryEventIsDescribed(t *testing.T) {
	g := NewWithT(t)
	var described []string
	for _, row := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\|").FindAllStringSubmatch(read(t, "reasons/events.md"), -1) {
		described = append(described, row[1])
	}
	g.Expect(described).To(ConsistOf(constantsNamed(t, "Event")))
}

// TestEveryFieldIsOnItsPage: the page of a kind names every field of its spec and status, and every condition.
func TestEveryFieldIsOnItsPage(t *testing.T) {
	definitions, err := crd.All()
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	onlyOf := map[string]string{"InterfaceEndpointReady": "streamprivatelink", "DependenciesReady": "streamconnection"}
	for _, definition := range definitions {
		kind := definition.Spec.Names.Singular
		t.Run(kind, func(t *testing.T) {
			g := NewWithT(t)
			page := read(t, kind+".md")
			for _, part := range []string{"spec", "status"} {
				for name := range definition.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties[part].Properties {
					g.Expect(page).To(ContainSubstring("`"+name+"`"), "%s.%s", part, name)
				}
			}
			for _, condition := range constantsNamed(t, "Condition") {
				if only, limited := onlyOf[condition]; !limited || only == kind {
					g.Expect(page).To(ContainSubstring("| `" + condition + "` |"))
				}
			}
		})
	}
}

// TestLinksOfDocs: every relative link leads to a file, and to a heading where it names one.
func TestLinksOfDocs(t *testing.T) {
	g := NewWithT(t)
	link := regexp.MustCompile(`\]\(([^)#:\s]*)(?:#([^)\s]+))?\)`)
	check := func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".md" {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, found := range link.FindAllStringSubmatch(string(content), -1) {
			target := path
			if found[1] != "" {
				target = filepath.Join(filepath.Dir(path), found[1])
			}
			g.Expect(target).To(BeAnExistingFile(), "%s links to it", path)
			if found[2] != "" {
				linked, err := os.ReadFile(target)
				g.Expect(err).NotTo(HaveOccurred())
				g.Expect(anchors(string(linked))).To(ContainElement(found[2]), "%s links to %s", path, target)
			}
		}
		return nil
	}
	for _, pages := range []string{docs, "../../charts", "../../README.md", "../../CONTRIBUTING.md", "../../SECURITY.md"} {
		g.Expect(filepath.WalkDir(pages, check)).To(Succeed())
	}
}

// TestFilesOfChecklists: every path in the pages for developers is one of a file or directory. A word in capitals stands
// for any name.
func TestFilesOfChecklists(t *testing.T) {
	g := NewWithT(t)
	path := regexp.MustCompile("`([\\w.-]+(?:/[\\w.-]+)+)`")
	name := regexp.MustCompile(`\b[A-Z]{3,}`)
	for _, page := range []string{"checklists.md", "architecture.md", "../CONTRIBUTING.md"} {
		for _, found := range path.FindAllStringSubmatch(read(t, page), -1) {
			files, err := filepath.Glob(filepath.Join(docs, "..", name.ReplaceAllString(found[1], "*")))
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(files).NotTo(BeEmpty(), "%s names %s", page, found[1])
		}
	}
}

// anchors are the names under which headings can be linked to.
func anchors(markdown string) []string {
	var names []string
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(markdown, -1) {
		name := regexp.MustCompile(`[^a-z0-9 _-]`).ReplaceAllString(strings.ToLower(heading[1]), "")
		names = append(names, strings.ReplaceAll(name, " ", "-"))
	}
	return names
}

// constantsNamed are the values of the string constants in conditions.go whose names begin so.
func constantsNamed(t *testing.T, prefix string) []string {
	t.Helper()
	g := NewWithT(t)
	file, err := parser.ParseFile(token.NewFileSet(), "conditions.go", nil, parser.SkipObjectResolution)
	g.Expect(err).NotTo(HaveOccurred())
	var values []string
	for _, declaration := range file.Decls {
		general, ok := declaration.(*ast.GenDecl)
		if !ok || general.Tok != token.CONST {
			continue
		}
		for _, spec := range general.Specs {
			value := spec.(*ast.ValueSpec)
			for i, name := range value.Names {
				if !strings.HasPrefix(name.Name, prefix) {
					continue
				}
				text, err := strconv.Unquote(value.Values[i].(*ast.BasicLit).Value)
				g.Expect(err).NotTo(HaveOccurred())
				g.Expect(name.Name).To(Equal(prefix+text), "a constant is named after its value")
				values = append(values, text)
			}
		}
	}
	return values
}

func read(t *testing.T, page string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(docs, page))
	NewWithT(t).Expect(err).NotTo(HaveOccurred())
	return string(content)
}
