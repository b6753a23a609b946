package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
	"time"

	"github.com/atlasstreams/operator/internal/testenv"
)

const (
	loopback       = "127.0.0.1"
	requestTimeout = 5 * time.Second
)

// startManager runs the manager with the permissions of its service account.
func (d *demo) startManager(ctx context.Context) error {
	d.say("Starting the manager")
	kubeconfig, err := d.env.KubeconfigFor("system:serviceaccount:"+operatorNamespace+":"+operatorAccount,
		"system:serviceaccounts", "system:serviceaccounts:"+operatorNamespace, "system:authenticated")
	if err != nil {
		return err
	}
	health, err := testenv.FreeAddress()
	if err != nil {
		return err
	}
	metrics, err := testenv.FreeAddress()
	if err != nil {
		return err
	}
	args := []string{
		"--kubeconfig=" + kubeconfig,
		"--atlas-base-url=" + d.simulator.url,
		"--pending-poll-interval=1s",
		"--atlas-request-timeout=3s", // also half of the time after which an absence is trusted
		"--steady-poll-interval=2s",  // shows changes in the simulator quickly
		"--leader-elect",
		"--leader-election-namespace=" + operatorNamespace,
		"--health-probe-bind-address=" + health,
		"--metrics-bind-address=" + metrics,
		"--metrics-secure=false",
	}
	if d.samples.needDefaultCredentials() {
		args = append(args,
			"--default-credentials="+operatorNamespace+"/"+defaultCredentials, "--default-credentials-namespaces=*")
	}
	if d.manager, err = d.env.Run("manager", nil, "bin/manager", args...); err != nil {
		return err
	}
	return d.manager.AwaitOK(ctx, "http://"+health+"/readyz")
}

// checkPort returns the loopback address of a port, and fails when that is in use; 0 picks a free one.
func checkPort(ctx context.Context, port int) (string, error) {
	if port == 0 {
		return testenv.FreeAddress()
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", net.JoinHostPort(loopback, strconv.Itoa(port)))
	if errors.Is(err, syscall.EADDRINUSE) {
		return "", fmt.Errorf("port %d is in use by another program: choose another (SIMULATOR_PORT), "+
			"or none, and a free one is taken", port)
	}
	if err != nil {
		return "", fmt.Errorf("find a port: %w", err)
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}
