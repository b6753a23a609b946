package testenv_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/atlasstreams/operator/internal/testenv"
)

// parentVariable makes the test binary play a parent that is going to be killed.
const parentVariable = "TESTENV_PLAY_PARENT"

func TestChildrenEndWithTheirParent(t *testing.T) {
	if os.Getenv(parentVariable) != "" {
		playParent(t)
		return
	}
	g := NewWithT(t)
	temp := t.TempDir()
	parent := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
	parent.Env = append(os.Environ(), parentVariable+"=1", "TMPDIR="+temp)
	out, err := parent.StdoutPipe()
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(parent.Start()).To(Succeed())

	var announced string
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "children") {
			announced = lines.Text()
			break
		}
	}
	pids := strings.Fields(strings.TrimPrefix(announced, "children"))
	g.Expect(pids).To(HaveLen(3), "etcd, kube-apiserver and a program of ours: %q", announced)

	g.Expect(parent.Process.Kill()).To(Succeed())
	_ = parent.Wait() // killed, as wished

	g.Eventually(func() []string { return alive(pids) }).WithTimeout(eventually).Should(BeEmpty())
	g.Eventually(func() ([]string, error) { return filepath.Glob(filepath.Join(temp, "atlas-*")) }).
		WithTimeout(eventually).Should(BeEmpty(), "their files are removed too")
}

func playParent(t *testing.T) {
	g := NewWithT(t)
	env, err := testenv.Start(t.Context(), testenv.Options{WithoutCRDs: true})
	g.Expect(err).NotTo(HaveOccurred())
	_, err = env.Run("sleeper", nil, "/bin/sleep", "3600")
	g.Expect(err).NotTo(HaveOccurred())

	files, err := filepath.Glob(filepath.Join(filepath.Dir(env.Kubeconfig), "*.pid"))
	g.Expect(err).NotTo(HaveOccurred())
	var pids strings.Builder
	for _, file := range files {
		pid, err := os.ReadFile(file)
		g.Expect(err).NotTo(HaveOccurred())
		pids.WriteString(" " + strings.TrimSpace(string(pid)))
	}
	fmt.Println("children" + pids.String())
	select {} // until killed
}

func alive(pids []string) []string {
	var living []string
	for _, pid := range pids {
		number, err := strconv.Atoi(pid)
		if err != nil || syscall.Kill(number, 0) == nil {
			living = append(living, pid)
		}
	}
	return living
}

func TestProcess(t *testing.T) {
	env := testenv.New(t, testenv.Options{WithoutCRDs: true})

	t.Run("reports how it ended and what it said last", func(t *testing.T) {
		g := NewWithT(t)
		process, err := env.Run("failing", []string{"WORD=famous"}, "/bin/sh", "-c", `echo "$WORD last words"; exit 3`)
		g.Expect(err).NotTo(HaveOccurred())
		g.Eventually(process.Done()).WithTimeout(eventually).Should(BeClosed())
		g.Expect(process.Failure()).To(MatchError(And(
			ContainSubstring("failing stopped (exit status 3)"), ContainSubstring("famous last words"))))
		g.Expect(process.Stop()).To(Succeed(), "it has ended already")
	})

	t.Run("lets a process end in order", func(t *testing.T) {
		g := NewWithT(t)
		process, err := env.Run("orderly", nil, "/bin/sh", "-c",
			`trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.05; done`)
		g.Expect(err).NotTo(HaveOccurred())
		said := func() (string, error) {
			data, err := os.ReadFile(process.LogPath)
			return string(data), err
		}
		g.Eventually(said).WithTimeout(eventually).Should(Equal("up\n"))
		g.Expect(process.Failure()).To(Succeed(), "it runs")
		g.Expect(process.Stop()).To(Succeed())
		g.Expect(said()).To(Equal("up\nbye\n"))
	})

	t.Run("tells when a process does not end in order", func(t *testing.T) {
		g := NewWithT(t)
		process, err := env.Run("disorderly", nil, "/bin/sh", "-c",
			`trap 'echo no; exit 4' TERM; echo up; while :; do sleep 0.05; done`)
		g.Expect(err).NotTo(HaveOccurred())
		g.Eventually(func() ([]byte, error) { return os.ReadFile(process.LogPath) }).
			WithTimeout(eventually).ShouldNot(BeEmpty())
		g.Expect(process.Stop()).To(MatchError(And(ContainSubstring("exit status 4"), ContainSubstring("no"))))
	})
}
