package credentials

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/atlasstreams/operator/internal/atlas"
)

// idleClientLifetime is how long an unused client is kept, with its token.
const idleClientLifetime = 2 * time.Hour

// clientPool keeps one client per credentials, and with it one token or nonce. Equal credentials in two Secrets share
// a client: no one can use a client without holding its secret.
type clientPool struct {
	options atlas.Options

	mu    sync.Mutex
	byKey map[string]*pooledClient
}

type pooledClient struct {
	client *atlas.Client
	usedAt time.Time
}

func newClientPool(options atlas.Options) *clientPool {
	return &clientPool{options: options, byKey: map[string]*pooledClient{}}
}

func (p *clientPool) of(ctx context.Context, credentials atlas.Credentials, now time.Time) (*atlas.Client, error) {
	key := credentials.Key()
	p.mu.Lock()
	defer p.mu.Unlock()
	if pooled, ok := p.byKey[key]; ok {
		pooled.usedAt = now
		return pooled.client, nil
	}
	client, err := atlas.New(credentials, p.options)
	if err != nil {
		return nil, err
	}
	p.closeIdle(ctx, now)
	p.byKey[key] = &pooledClient{client: client, usedAt: now}
	return client, nil
}

// dropIdle closes unused clients.
func (p *clientPool) dropIdle(ctx context.Context, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closeIdle(ctx, now)
}

// closeIdle gives back the tokens of credentials that are no longer in use, for example after a rotation.
func (p *clientPool) closeIdle(ctx context.Context, now time.Time) {
	for key, pooled := range p.byKey {
		// Lists are polled without asking for the client here.
		if now.Sub(pooled.usedAt) <= idleClientLifetime || now.Sub(pooled.client.LastUsed()) <= idleClientLifetime {
			continue
		}
		delete(p.byKey, key)
		go func() {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.options.Timeout)
			defer cancel()
			_ = pooled.client.Close(ctx) // a token that cannot be given back expires within the hour
		}()
	}
}

// close gives back all tokens; Atlas allows a service account only so many at a time.
func (p *clientPool) close(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	failures := make([]error, 0, len(p.byKey))
	for key, pooled := range p.byKey {
		failures = append(failures, pooled.client.Close(ctx))
		delete(p.byKey, key)
	}
	return errors.Join(failures...)
}
