package manager

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

// scrapeTimeout is how long a manager may take to answer.
const scrapeTimeout = 10 * time.Second

// Metrics are what a manager serves at the address (host:port), without TLS.
func Metrics(ctx context.Context, address string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/metrics", nil)
	if err != nil {
		return nil, fmt.Errorf("scrape the manager: %w", err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: scrapeTimeout} // no proxy: it is this machine
	answer, err := client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("scrape the manager: %w", err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, fmt.Errorf("scrape the manager: %w", err)
	}
	return text, nil
}
