package charts_test

import (
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"sync"

	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/internal/testenv"
)

// starting is held while a process is started: an environment is not made for two goroutines.
var starting sync.Mutex

// runManager runs the manager as the cluster would run the pod of the Deployment: its arguments, its environment, and a
// token of its ServiceAccount, made by the API server. More arguments come after those, and win. It is stopped with
// the test, or by stop.
func (s *stage) runManager(deployment *appsv1.Deployment, more ...string) (stop func()) {
	s.t.Helper()
	pod := deployment.Spec.Template.Spec
	container := pod.Containers[0]
	env := []string{"KUBECONFIG=" + s.kubeconfig(deployment.Namespace, pod.ServiceAccountName)}
	for _, variable := range container.Env {
		s.Expect(variable.ValueFrom).To(BeNil(), "the test can pass plain values only")
		env = append(env, variable.Name+"="+variable.Value)
	}
	starting.Lock()
	process, err := s.env.Run(fmt.Sprintf("%s-manager-%d", s.release, world.stages.Add(1)), env, world.manager,
		append(container.Args, more...)...)
	starting.Unlock()
	s.Expect(err).NotTo(HaveOccurred())
	stop = func() { s.Expect(process.Stop()).To(Succeed()) }
	s.t.Cleanup(stop)
	s.t.Cleanup(func() {
		if s.t.Failed() {
			s.t.Log(process.Log())
		}
	})
	s.awaitListening(process, flagValue(append(container.Args, more...), "health-probe-bind-address"))
	return stop
}

// awaitListening waits until the manager is ready.
func (s *stage) awaitListening(process *testenv.Process, address string) {
	s.t.Helper()
	s.Eventually(func(g Gomega) {
		g.Expect(process.Failure()).NotTo(HaveOccurred())
		g.Expect(s.get(http.DefaultTransport, "http://"+local(address)+"/readyz", "")).To(Equal(http.StatusOK))
	}).Should(Succeed(), "the manager is not ready")
}

// get returns the status of a GET, with a token where one is given.
func (s *stage) get(transport http.RoundTripper, url, token string) (int, error) {
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		return 0, err
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		return 0, err
	}
	return response.StatusCode, response.Body.Close()
}

// token asks the API server for a token of a ServiceAccount.
func (s *stage) token(namespace, account string) string {
	s.t.Helper()
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: new(int64(3600))}}
	serviceAccount := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: account}}
	s.Expect(s.kube.SubResource("token").Create(s.t.Context(), serviceAccount, request)).To(Succeed())
	return request.Status.Token
}

// kubeconfig authenticates by a token of a ServiceAccount, and by nothing else.
func (s *stage) kubeconfig(namespace, account string) string {
	s.t.Helper()
	config := clientcmdapi.NewConfig()
	config.Clusters["test"] = &clientcmdapi.Cluster{
		Server: s.env.Config.Host, CertificateAuthorityData: s.env.Config.CAData,
	}
	config.AuthInfos["test"] = &clientcmdapi.AuthInfo{Token: s.token(namespace, account)}
	config.Contexts["test"] = &clientcmdapi.Context{Cluster: "test", AuthInfo: "test"}
	config.CurrentContext = "test"
	path := filepath.Join(s.t.TempDir(), "kubeconfig")
	s.Expect(clientcmd.WriteToFile(*config, path)).To(Succeed())
	return path
}

// installed reads a Deployment back from the API server.
func (s *stage) installed(namespace, name string) *appsv1.Deployment {
	s.t.Helper()
	deployment := &appsv1.Deployment{}
	s.Expect(s.kube.Get(s.t.Context(), client.ObjectKey{Namespace: namespace, Name: name}, deployment)).To(Succeed())
	return deployment
}

// freePort is one that nobody listens on at the moment.
func (s *stage) freePort() int {
	s.t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(s.t.Context(), "tcp", ":0")
	s.Expect(err).NotTo(HaveOccurred())
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

// local is the address at which to call what listens on all interfaces.
func local(address string) string {
	_, port, _ := net.SplitHostPort(address)
	return net.JoinHostPort("127.0.0.1", port)
}
