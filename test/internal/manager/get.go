package manager

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"time"
)

// scrapeTimeout is how long a manager may take to answer.
const scrapeTimeout = 10 * time.Second

// Get asks a manager, with a bearer token where one is given.
func Get(ctx context.Context, url, token string) (status int, body []byte, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return 0, nil, err
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := (&http.Client{Transport: &http.Transport{ // no proxy: it is this machine
		DisableKeepAlives: true,
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // the manager's own certificate
	}}).Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	body, err = io.ReadAll(response.Body)
	return response.StatusCode, body, err
}

// Metrics are what a manager serves at the address (host:port), without TLS.
func Metrics(ctx context.Context, address string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, scrapeTimeout)
	defer cancel()
	_, text, err := Get(ctx, "http://"+address+"/metrics", "")
	if err != nil {
		return nil, fmt.Errorf("scrape the manager: %w", err)
	}
	return text, nil
}
