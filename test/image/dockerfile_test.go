package image_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const (
	moduleRoot = "../.."
	// imageUser is the user and group of the image.
	imageUser = 65532
)

// instruction is one of the Dockerfile: COPY, RUN, ..., with lines put together.
type instruction struct{ name, arguments string }

// The stages of the Dockerfile.
const (
	modulesStage = "modules"
	buildStage   = "build"
	imageStage   = "manager"
)

// readDockerfile returns the instructions of each stage by its name; those above the first FROM have none.
func readDockerfile(t *testing.T) map[string][]instruction {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(moduleRoot, "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	stages := map[string][]instruction{}
	pending, stage := "", ""
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
			_, stage, _ = strings.Cut(arguments, " AS ")
			if stage == "" || stages[stage] != nil {
				t.Fatalf("FROM %s: each stage has a name of its own", arguments)
			}
		}
		stages[stage] = append(stages[stage], instruction{name, strings.TrimSpace(arguments)})
	}
	if stage != imageStage {
		t.Fatalf("the last stage, which is built by default, is %q", stage)
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

// checkout copies what the Dockerfile copies for the manager, as .dockerignore lets it through, to a directory of its own.
func checkout(t *testing.T) string {
	t.Helper()
	return checkoutOf(t, buildStage)
}

func checkoutOf(t *testing.T, stage string) string {
	t.Helper()
	dir := t.TempDir()
	stages := readDockerfile(t)
	for _, arguments := range append(all(stages[modulesStage], "COPY"), all(stages[stage], "COPY")...) {
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

// build runs the Dockerfile's command that builds the manager in a directory, and returns the path of the manager.
func build(t *testing.T, dir string, a buildArguments, env ...string) string {
	t.Helper()
	return buildOf(t, buildStage, "manager", dir, a, env...)
}

func buildOf(t *testing.T, stage, program, dir string, a buildArguments, env ...string) string {
	t.Helper()
	runs := all(readDockerfile(t)[stage], "RUN")
	if len(runs) != 1 || !strings.Contains(runs[0], " /out/"+program) {
		t.Fatalf("the Dockerfile builds something else: %s", runs)
	}
	out := t.TempDir()
	command := strings.Replace(runs[0], " /out/", " "+out+"/", 1)
	shell := exec.CommandContext(t.Context(), "/bin/sh", "-c", command)
	shell.Dir = dir
	shell.Env = append(os.Environ(), "TARGETOS=linux", "TARGETARCH="+a.arch, "VERSION="+a.version, "GOFIPS140="+a.fips)
	shell.Env = append(shell.Env, env...)
	if output, err := shell.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", command, err, output)
	}
	return filepath.Join(out, program)
}
