package testenv

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

const (
	// answerTimeout is how long a program may take until it serves.
	answerTimeout = 30 * time.Second
	// probeTimeout is that of one question whether it does.
	probeTimeout = 5 * time.Second
)

// FreeAddress is a loopback address (host:port) that nobody listens on at the moment.
func FreeAddress(ctx context.Context) (string, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a port: %w", err)
	}
	defer listener.Close()
	return listener.Addr().String(), nil
}

// AwaitOK waits until a GET of the URL, which the process serves, is answered 200. It fails when the process ends, and
// after 30 seconds.
func (p *Process) AwaitOK(ctx context.Context, url string) error {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: probeTimeout} // no proxy: it is this machine
	return p.await(ctx, answerTimeout, func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		response, err := client.Do(request)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("get %s: %s", url, response.Status)
		}
		return nil
	})
}

// await waits until the process does its work, which ready checks again and again. It fails when the process ends.
func (p *Process) await(ctx context.Context, timeout time.Duration, ready func(context.Context) error) error {
	var last error
	err := wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, timeout, true, func(ctx context.Context) (bool, error) {
		if err := p.Failure(); err != nil {
			return false, err
		}
		last = ready(ctx)
		return last == nil, nil
	})
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%s is not ready after %s: %w%s", p.Name, timeout, last, p.Log())
	}
	return err
}
