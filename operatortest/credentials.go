package operatortest

import (
	"context"
	"crypto/rand"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Credentials makes a service account in Atlas and a Secret for it, and returns the Secret's name, for credentialsRef.
// A namespace that does not exist is made too. Each call makes another account, whose id is the Secret's clientId.
func (s *Stack) Credentials(ctx context.Context, namespace string) string {
	s.t.Helper()
	name, err := s.makeCredentials(ctx, namespace)
	if err != nil {
		s.t.Fatalf("make credentials in namespace %q: %v", namespace, err)
	}
	return name
}

func (s *Stack) makeCredentials(ctx context.Context, namespace string) (string, error) {
	within := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}
	err := s.Client.Create(ctx, within)
	if apierrors.IsAlreadyExists(err) {
		err = s.Client.Get(ctx, client.ObjectKeyFromObject(within), within)
	}
	if err != nil {
		return "", err
	}
	id, secret := "mdb_sa_id_"+rand.Text(), "mdb_sa_sk_"+rand.Text()
	s.Atlas.AddServiceAccount(id, secret)
	object := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, GenerateName: "atlas-"},
		StringData: map[string]string{"clientId": id, "clientSecret": secret},
	}
	if err := s.Client.Create(ctx, object); err != nil {
		return "", err
	}
	return object.Name, nil
}

// Kubeconfig is a kubeconfig file with Config in it, for kubectl, helm and other processes.
func (s *Stack) Kubeconfig() []byte {
	s.t.Helper()
	data, err := kubeconfig(s.Config)
	if err != nil {
		s.t.Fatalf("make a kubeconfig: %v", err)
	}
	return data
}

func kubeconfig(cfg *rest.Config) ([]byte, error) {
	cfg = rest.CopyConfig(cfg)
	if err := rest.LoadTLSFiles(cfg); err != nil {
		return nil, fmt.Errorf("read certificates: %w", err)
	}
	url, _, err := rest.DefaultServerUrlFor(cfg)
	if err != nil {
		return nil, err
	}
	user := &clientcmdapi.AuthInfo{
		ClientCertificateData: cfg.CertData, ClientKeyData: cfg.KeyData, Token: cfg.BearerToken, TokenFile: cfg.BearerTokenFile,
		Username: cfg.Username, Password: cfg.Password, Exec: cfg.ExecProvider,
		Impersonate: cfg.Impersonate.UserName, ImpersonateGroups: cfg.Impersonate.Groups,
	}
	const name = "operatortest"
	file := clientcmdapi.NewConfig()
	file.Clusters[name] = &clientcmdapi.Cluster{
		Server: url.String(), CertificateAuthorityData: cfg.CAData, InsecureSkipTLSVerify: cfg.Insecure, TLSServerName: cfg.ServerName,
	}
	file.AuthInfos[name] = user
	file.Contexts[name] = &clientcmdapi.Context{Cluster: name, AuthInfo: name}
	file.CurrentContext = name
	return clientcmd.Write(*file)
}
