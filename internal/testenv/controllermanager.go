package testenv

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// controllerManagerTimeout covers a slow machine; a few seconds are usual.
const controllerManagerTimeout = 60 * time.Second

// controllers are those that a cluster without nodes still needs: names as in kube-controller-manager --help.
var controllers = []string{
	"namespace-controller",
	"garbage-collector-controller",
	"serviceaccount-controller",
	"serviceaccount-token-controller",
	"root-ca-certificate-publisher-controller",
	"clusterrole-aggregation-controller",
}

func (e *Environment) startControllerManager(ctx context.Context) error {
	const name = "kube-controller-manager"
	binary, err := Binary(name)
	if err != nil {
		return err
	}
	kubeconfig, err := e.KubeconfigFor(name, "system:masters")
	if err != nil {
		return err
	}
	server := e.envtest.ControlPlane.APIServer
	ca := filepath.Join(e.dir, "ca.crt")
	if err := os.WriteFile(ca, server.CA, 0o600); err != nil {
		return err
	}
	process, err := e.Run(name, nil, binary,
		"--kubeconfig="+kubeconfig,
		"--controllers="+strings.Join(controllers, ","),
		"--root-ca-file="+ca,
		// The key that the API server checks tokens with, made by envtest.
		"--service-account-private-key-file="+filepath.Join(server.CertDir, "sa-signer.key"),
		"--leader-elect=false",
		"--secure-port=0",
	)
	if err != nil {
		return err
	}
	c, err := client.New(e.Config, client.Options{})
	if err != nil {
		return err
	}
	// The controllers make the default service account when they have begun to work.
	return process.await(ctx, controllerManagerTimeout, func(ctx context.Context) error {
		return c.Get(ctx, types.NamespacedName{Namespace: "default", Name: "default"}, &corev1.ServiceAccount{})
	})
}
