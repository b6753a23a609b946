package image_test

import (
	"crypto/sha256"
	"debug/buildinfo"
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"testing"

	. "github.com/onsi/gomega"
)

// rebuildVariable asks for a second build with an empty build cache: minutes, and the whole truth. Without it the
// second build finds what is compiled in the cache, and tells whether the directory or the time shows in the result.
const rebuildVariable = "IMAGE_REBUILD"

func TestBinary(t *testing.T) {
	first, second := checkout(t), checkout(t)
	var cache []string
	if os.Getenv(rebuildVariable) != "" {
		cache = []string{"GOCACHE=" + t.TempDir()}
	}
	for _, a := range []buildArguments{
		{arch: "amd64", version: "v1.2.3", fips: "off"},
		{arch: "arm64", version: "v1.2.3", fips: "off"},
		{arch: "amd64", version: "v1.2.3", fips: "latest"},
	} {
		t.Run(a.arch+" "+a.fips, func(t *testing.T) {
			g := NewWithT(t)
			program := build(t, first, a)
			expectStatic(g, program, map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}[a.arch])

			info, err := buildinfo.ReadFile(program)
			g.Expect(err).NotTo(HaveOccurred())
			settings := map[string]string{}
			for _, s := range info.Settings {
				settings[s.Key] = s.Value
			}
			g.Expect(settings).To(HaveKeyWithValue("CGO_ENABLED", "0"))
			g.Expect(settings).To(HaveKeyWithValue("-trimpath", "true"))
			if a.fips == "off" {
				g.Expect(settings).NotTo(HaveKey("GOFIPS140"))
			} else {
				g.Expect(settings).To(HaveKeyWithValue("GOFIPS140", a.fips))
				g.Expect(settings).To(HaveKeyWithValue("DefaultGODEBUG", ContainSubstring("fips140=on")))
			}

			again := build(t, second, a, cache...)
			g.Expect(hash(g, again)).To(Equal(hash(g, program)), "the same sources in another place give other bytes")
		})
	}
}

func TestVersion(t *testing.T) {
	g := NewWithT(t)
	program := build(t, checkout(t), buildArguments{arch: hostArch(t), version: "v1.2.3-rc.1", fips: "off"})
	said, err := exec.CommandContext(t.Context(), program, "--version").Output()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(said)).To(Equal("v1.2.3-rc.1\n"))
}

// expectStatic: a program that needs nothing beside itself, for that machine.
func expectStatic(g Gomega, path string, machine elf.Machine) {
	program, err := elf.Open(path)
	g.Expect(err).NotTo(HaveOccurred())
	defer func() { g.Expect(program.Close()).To(Succeed()) }()
	g.Expect(program.Machine).To(Equal(machine))
	libraries, err := program.ImportedLibraries()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(libraries).To(BeEmpty())
	for _, segment := range program.Progs {
		g.Expect(segment.Type).NotTo(BeElementOf(elf.PT_INTERP, elf.PT_DYNAMIC))
	}
}

func hash(g Gomega, path string) string {
	data, err := os.ReadFile(path)
	g.Expect(err).NotTo(HaveOccurred())
	return fmt.Sprintf("%x", sha256.Sum256(data))
}
