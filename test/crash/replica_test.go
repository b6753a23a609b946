package crash_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/atlasstreams/operator/internal/testenv"
	"github.com/atlasstreams/operator/test/internal/manager"
)

// replica is one place where a manager runs: its proxies stay, its processes come and go.
type replica struct {
	t          *testing.T
	gate       *gate
	args       []string
	mu         sync.Mutex
	process    *testenv.Process
	pidFile    string
	logs       []string
	kubeconfig string
}

// newReplica prepares a replica for the namespace; start starts it. Later flags win.
func newReplica(t *testing.T, namespace, atlasURL string, flags ...string) *replica {
	t.Helper()
	r := &replica{t: t, gate: newGate()}
	dir := t.TempDir()
	// A GET whose connection is cut is not repeated here: that is for the manager to do.
	toAtlas := &http.Transport{DisableKeepAlives: true}
	r.kubeconfig, r.pidFile = filepath.Join(dir, "kubeconfig"), filepath.Join(dir, "pid")
	config := clientcmdapi.NewConfig()
	config.Clusters["proxy"] = &clientcmdapi.Cluster{Server: newProxy(t, world.Env.Config.Host, world.upstream, r.gate, kubeCall)}
	config.Contexts["proxy"] = &clientcmdapi.Context{Cluster: "proxy"}
	config.CurrentContext = "proxy"
	if err := clientcmd.WriteToFile(*config, r.kubeconfig); err != nil {
		t.Fatal(err)
	}
	r.args = append(manager.Args(r.kubeconfig, newProxy(t, atlasURL, toAtlas, r.gate, atlasCall), requestTimeout,
		"--watch-namespaces="+namespace, "--metrics-bind-address=0", "--health-probe-bind-address=0",
		"--zap-log-level=debug", "--zap-time-encoding=rfc3339nano",
	), flags...)
	t.Cleanup(r.kill) // before the proxies go
	return r
}

// start starts a process; it may be called from any goroutine.
func (r *replica) start() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.t.Context().Err() != nil {
		return
	}
	_ = os.Remove(r.pidFile) // there is none at first
	name := fmt.Sprintf("manager-%d", world.Number())
	// The shell tells the process id, which is the manager's after exec.
	args := append([]string{"-c", `echo $$ >"$0" && exec "$@"`, r.pidFile, world.Manager}, r.args...)
	process, err := world.Env.Run(name, nil, "/bin/sh", args...)
	if err != nil {
		r.t.Errorf("start the manager: %v", err)
		return
	}
	r.process, r.logs = process, append(r.logs, process.LogPath)
	r.gate.say(name + " starts")
}

// signal sends a signal to the process.
func (r *replica) signal(s syscall.Signal) {
	r.gate.say(s.String())
	err := syscall.Kill(r.pid(), s)
	if err != nil {
		r.t.Errorf("send the manager the signal %q: %v", s, err)
	}
}

// pid is the process id, which a process writes down in its first moments.
func (r *replica) pid() int {
	for started := time.Now(); time.Since(started) < patience; time.Sleep(time.Millisecond) {
		data, err := os.ReadFile(r.pidFile)
		if line, ok := strings.CutSuffix(string(data), "\n"); err == nil && ok {
			if pid, err := strconv.Atoi(line); err == nil {
				return pid
			}
		}
	}
	panic("the manager does not start")
}

// kill ends the process by SIGKILL and waits for its end. One that ended by itself before is an error.
func (r *replica) kill() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.process == nil {
		return
	}
	select {
	case <-r.process.Done():
		r.t.Errorf("the manager ended by itself: %v", r.process.Failure())
	default:
		r.signal(syscall.SIGKILL)
		<-r.process.Done()
	}
	r.process = nil
}

func (r *replica) running() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.process != nil
}

// crash kills the process and starts the next one.
func (r *replica) crash() {
	r.kill()
	r.start()
}

// stop ends the process by SIGTERM and waits for its end, which must be a good one.
func (r *replica) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gate.say("SIGTERM")
	if err := r.process.Stop(); err != nil {
		r.t.Error(err)
	}
	r.process = nil
}

// awaitEnd waits for the process to end by itself and forgets it.
func (r *replica) awaitEnd() {
	r.mu.Lock()
	defer r.mu.Unlock()
	select {
	case <-r.process.Done():
		r.process = nil
	case <-time.After(patience):
		r.t.Error("the manager does not end")
	}
}

// log is what all processes printed.
func (r *replica) log() string {
	var text strings.Builder
	for _, path := range r.logs {
		data, err := os.ReadFile(path)
		if err != nil {
			data = []byte(err.Error())
		}
		fmt.Fprintf(&text, "--- %s\n", filepath.Base(path))
		for line := range strings.Lines(string(data)) {
			if !strings.Contains(line, `"msg":"Starting `) { // the libraries' own, many and always the same
				text.WriteString(line)
			}
		}
	}
	return text.String()
}
