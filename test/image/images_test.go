package image_test

import (
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
)

func TestDockerfile(t *testing.T) {
	g := NewWithT(t)
	stages := readDockerfile(t)
	for image, copies := range map[string][]string{
		imageStage: {
			"--from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt",
			"--from=build /out/manager /manager",
		},
		"simulator": {"--from=build-simulator /out/atlas-simulator /atlas-simulator"},
	} {
		g.Expect(all(stages[image], "FROM")).To(Equal([]string{"scratch AS " + image}), "nothing is in the image that is not copied")
		g.Expect(all(stages[image], "COPY")).To(ConsistOf(copies))
		g.Expect(all(stages[image], "USER")).To(Equal([]string{fmt.Sprintf("%d:%d", imageUser, imageUser)}))
		program := copies[len(copies)-1]
		g.Expect(all(stages[image], "ENTRYPOINT")).To(Equal([]string{`["` + program[strings.LastIndex(program, "/"):] + `"]`}))
	}
	g.Expect(all(stages[modulesStage], "ARG")).To(ContainElements("GO_IMAGE", "GOPROXY"))
	g.Expect(all(stages[buildStage], "ARG")).To(ContainElements("VERSION=dev", "GOFIPS140=off"))

	ignored, err := os.ReadFile(filepath.Join(moduleRoot, ".dockerignore"))
	g.Expect(err).NotTo(HaveOccurred())
	passes := strings.Split(strings.TrimSpace(string(ignored)), "\n")
	for _, arguments := range append(all(stages[modulesStage], "COPY"), append(all(stages[buildStage], "COPY"), all(stages["build-simulator"], "COPY")...)...) {
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

// What an image is built from does not change under its tag. The first command of the build refuses it otherwise.
func TestBaseImageWithoutDigestIsRefused(t *testing.T) {
	digest := "@sha256:" + strings.Repeat("0123456789abcdef", 4)
	check := all(readDockerfile(t)[modulesStage], "RUN")[0]
	for _, c := range []struct {
		image, allow string
		passes       bool
	}{
		{"golang:1.26", "0", false},
		{"golang:1.26", "", false},
		{"golang:1.26@sha256:0123", "0", false},
		{"mirror.example.com/golang" + digest, "0", true},
		{"golang:1.26" + digest, "0", true},
		{"golang:1.26", "1", true},
	} {
		t.Run(c.image+" "+c.allow, func(t *testing.T) {
			g := NewWithT(t)
			shell := exec.CommandContext(t.Context(), "/bin/sh", "-c", check)
			shell.Env = append(os.Environ(), "GO_IMAGE="+c.image, "ALLOW_FLOATING_BASE="+c.allow)
			out, err := shell.CombinedOutput()
			if c.passes {
				g.Expect(err).NotTo(HaveOccurred(), string(out))
				return
			}
			g.Expect(err).To(HaveOccurred())
			g.Expect(string(out)).To(And(ContainSubstring("GO_IMAGE="+c.image+" has no digest"), ContainSubstring("ALLOW_FLOATING_BASE=1")))
		})
	}
}

// make passes on what is checked.
func TestMakeNamesTheBaseImage(t *testing.T) {
	for _, target := range []string{"image", "simulator-image"} {
		g := NewWithT(t)
		dry := exec.CommandContext(t.Context(), "make", "--dry-run", "--directory="+moduleRoot, target, "GO_IMAGE=mirror/golang@sha256:0", "VERSION=v1")
		out, err := dry.CombinedOutput()
		g.Expect(err).NotTo(HaveOccurred(), string(out))
		g.Expect(string(out)).To(And(ContainSubstring("--build-arg GO_IMAGE=mirror/golang@sha256:0"), ContainSubstring("--build-arg ALLOW_FLOATING_BASE=0")))
	}
}

func TestSimulatorBinary(t *testing.T) {
	g := NewWithT(t)
	program := buildOf(t, "build-simulator", "atlas-simulator", checkoutOf(t, "build-simulator"), buildArguments{arch: "amd64", fips: "off"})
	expectStatic(g, program, elf.EM_X86_64)
}
