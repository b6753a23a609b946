package charts_test

import (
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
)

// The environment of the manager for proxies and private authorities.
func TestEnvironment(t *testing.T) {
	t.Parallel()
	const direct = "$(KUBERNETES_SERVICE_HOST),kubernetes.default.svc" // the API server, whatever the proxy
	const mount = "/etc/atlas-streams-operator/ca"
	fromSecret := func(key string) *corev1.EnvVarSource {
		return &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{
			LocalObjectReference: corev1.LocalObjectReference{Name: "proxy"}, Key: key, Optional: new(true),
		}}
	}
	for name, c := range map[string]struct {
		values string
		env    []corev1.EnvVar
	}{
		"nothing": {"{}", nil},
		"proxy": {"proxy: {httpsProxy: http://p:3128, noProxy: .corp}", []corev1.EnvVar{
			{Name: "HTTPS_PROXY", Value: "http://p:3128"}, {Name: "NO_PROXY", Value: direct + ",.corp"},
		}},
		"proxy with a password": {"proxy: {secretName: proxy}", []corev1.EnvVar{
			{Name: "HTTP_PROXY", ValueFrom: fromSecret("httpProxy")},
			{Name: "HTTPS_PROXY", ValueFrom: fromSecret("httpsProxy")},
			{Name: "NO_PROXY", Value: direct},
		}},
		"another authority": {"privateCA: {secretName: ca}", []corev1.EnvVar{{Name: "SSL_CERT_DIR", Value: mount}}},
		"only that one": {"privateCA: {configMapName: ca, replacePublic: true}", []corev1.EnvVar{
			{Name: "SSL_CERT_DIR", Value: mount}, {Name: "SSL_CERT_FILE", Value: mount + "/ca.crt"},
		}},
		"more": {"extraEnv: [{name: GOMEMLIMIT, value: 400MiB}]", []corev1.EnvVar{{Name: "GOMEMLIMIT", Value: "400MiB"}}},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			container := template(t, "x", operatorChart, "ops", "--values", valuesFile(t, c.values)).
				deployment(t).Spec.Template.Spec.Containers[0]
			if c.env == nil {
				g.Expect(container.Env).To(BeEmpty())
				return
			}
			g.Expect(container.Env).To(ConsistOf(c.env))
		})
	}
}
