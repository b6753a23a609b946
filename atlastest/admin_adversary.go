package atlastest

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
)

// adminAdversary is the adversary that was started by the administration API. There is at most one.
type adminAdversary struct {
	server *Server

	mu      sync.Mutex
	running *Adversary
}

func (a *adminAdversary) start(r *http.Request) (any, error) {
	var body struct {
		Seed                   uint64   `json:"seed"`
		Rate                   float64  `json:"rate"`
		Kinds                  []string `json:"kinds"`
		For, MaxHole, MaxDelay string
	}
	if err := adminBody(r, &body); err != nil {
		return nil, err
	}
	opts := AdversaryOptions{Seed: body.Seed, Rate: body.Rate, Kinds: body.Kinds}
	if opts.Rate < 0 || opts.Rate > 1 {
		return nil, &adminError{http.StatusBadRequest, "rate must be between 0 and 1"}
	}
	for _, kind := range opts.Kinds {
		if !slices.Contains(AdversaryKinds(), kind) {
			return nil, &adminError{http.StatusBadRequest, fmt.Sprintf("there is no kind of fault %q", kind)}
		}
	}
	var err error
	if opts.For, err = optionalDuration(body.For); err != nil {
		return nil, fmt.Errorf("reading for: %w", err)
	}
	if opts.MaxHole, err = optionalDuration(body.MaxHole); err != nil {
		return nil, fmt.Errorf("reading maxHole: %w", err)
	}
	if opts.MaxDelay, err = optionalDuration(body.MaxDelay); err != nil {
		return nil, fmt.Errorf("reading maxDelay: %w", err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.running != nil {
		a.running.Stop()
	}
	a.running = NewAdversary(a.server, opts)
	return a.running.Counts(), nil
}

// counts also serves an adversary that has ended.
func (a *adminAdversary) counts(*http.Request) (any, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.running == nil {
		return map[string]int{}, nil
	}
	return a.running.Counts(), nil
}

func (a *adminAdversary) stop(*http.Request) (any, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.running != nil {
		a.running.Stop()
	}
	return nil, nil
}
