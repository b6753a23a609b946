package credentials

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/atlasstreams/operator/internal/atlas"
)

// idleClientLifetime is how long an unused client and its token are kept.
const idleClientLifetime = 2 * time.Hour

// clientPool keeps one client, and so one token or nonce, per credentials. Equal credentials in two Secrets share a
// client: using it requires knowledge of the secret.
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

func (p *clientPool) of(credentials atlas.Credentials, now time.Time) (*atlas.Client, error) {
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
	p.byKey[key] = &pooledClient{client: client, usedAt: now}
	return client, nil
}

// dropIdle revokes the tokens of credentials that are no longer in use, for example after a rotation.
func (p *clientPool) dropIdle(ctx context.Context, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for key, pooled := range p.byKey {
		// Polls use the client without calling get.
		if now.Sub(pooled.usedAt) <= idleClientLifetime || now.Sub(pooled.client.LastUsed()) <= idleClientLifetime {
			continue
		}
		delete(p.byKey, key)
		go func() {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.options.Timeout)
			defer cancel()
			_ = pooled.client.Close(ctx) // if the revocation fails, the token expires within the hour
		}()
	}
}

// close revokes all tokens, because Atlas limits their number per service account.
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
