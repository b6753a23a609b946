package image_test

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

const (
	moduleRoot = "../.."
	// imageUser is the user and group of the image.
	imageUser = 65532
)

// instruction is one of the Dockerfile: COPY, RUN, ..., with lines put together.
type instruction struct{ name, arguments string }

// readDockerfile returns the instructions of each stage; those above the first FROM are the first element.
func readDockerfile(t *testing.T) [][]instruction {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(moduleRoot, "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	stages := [][]instruction{nil}
	pending := ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		pending += line
		if head, ok := strings.CutSuffix(pending, `\`); ok {
			pending = head
			continue
		}
		name, arguments, _ := strings.Cut(pending, " ")
		pending = ""
		if name == "FROM" {
			stages = append(stages, nil)
		}
		last := len(stages) - 1
		stages[last] = append(stages[last], instruction{name, strings.TrimSpace(arguments)})
	}
	if len(stages) != 3 {
		t.Fatalf("the Dockerfile has %d stages, want one that builds and one that is the image", len(stages)-1)
	}
	return stages
}

// all are the arguments of all instructions of that name.
func all(stage []instruction, name string) []string {
	var found []string
	for _, i := range stage {
		if i.name == name {
			found = append(found, i.arguments)
		}
	}
	return found
}

// checkout copies what the Dockerfile copies, as .dockerignore lets it through, to a directory of its own.
func checkout(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, arguments := range all(readDockerfile(t)[1], "COPY") {
		names := strings.Fields(arguments)
		target := names[len(names)-1]
		for _, source := range names[:len(names)-1] {
			to := filepath.Join(dir, target)
			if strings.HasPrefix(target, "./") {
				to = filepath.Join(dir, target, source)
			}
			if err := copyTree(filepath.Join(moduleRoot, source), to); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasSuffix(path, "_test.go") {
			return err
		}
		relative, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		target := filepath.Join(to, relative)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		return os.WriteFile(target, data, info.Mode())
	})
}

// buildArguments are what docker build gets, beside what BuildKit sets by itself.
type buildArguments struct{ arch, version, fips string }

// build runs the Dockerfile's last RUN of the first stage in a directory, and returns the path of the manager.
func build(t *testing.T, dir string, a buildArguments, env ...string) string {
	t.Helper()
	runs := all(readDockerfile(t)[1], "RUN")
	command := runs[len(runs)-1]
	out := t.TempDir()
	if !strings.HasSuffix(command, " /out/manager") {
		t.Fatalf("the Dockerfile builds something else: %s", command)
	}
	command = strings.TrimSuffix(command, " /out/manager") + " " + out + "/manager"
	shell := exec.CommandContext(t.Context(), "/bin/sh", "-c", command)
	shell.Dir = dir
	shell.Env = append(os.Environ(), "TARGETOS=linux", "TARGETARCH="+a.arch, "VERSION="+a.version, "GOFIPS140="+a.fips)
	shell.Env = append(shell.Env, env...)
	if output, err := shell.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", command, err, output)
	}
	return filepath.Join(out, "manager")
}

func TestDockerfile(t *testing.T) {
	g := NewWithT(t)
	stages := readDockerfile(t)
	g.Expect(all(stages[2], "FROM")).To(Equal([]string{"scratch"}), "nothing is in the image that is not copied")
	g.Expect(all(stages[2], "COPY")).To(ConsistOf(
		"--from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt",
		"--from=build /out/manager /manager",
	))
	g.Expect(all(stages[2], "USER")).To(Equal([]string{fmt.Sprintf("%d:%d", imageUser, imageUser)}))
	g.Expect(all(stages[2], "ENTRYPOINT")).To(Equal([]string{`["/manager"]`}))
	g.Expect(all(stages[1], "ARG")).To(ContainElements("GOPROXY", "VERSION=dev", "GOFIPS140=off"))

	ignored, err := os.ReadFile(filepath.Join(moduleRoot, ".dockerignore"))
	g.Expect(err).NotTo(HaveOccurred())
	passes := strings.Split(strings.TrimSpace(string(ignored)), "\n")
	for _, arguments := range all(stages[1], "COPY") {
		names := strings.Fields(arguments)
		for _, source := range names[:len(names)-1] {
			line := "!" + source
			if strings.HasSuffix(source, "/") {
				line += "**"
			}
			g.Expect(passes).To(ContainElement(line), ".dockerignore keeps from the build what the Dockerfile copies")
		}
	}
}
