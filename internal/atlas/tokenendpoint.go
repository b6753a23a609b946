package atlas

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// defaultTokenLife is the documented lifetime, for a response without one.
const defaultTokenLife = time.Hour

// tokenEndpoint fetches and revokes the tokens of one service account.
type tokenEndpoint struct {
	client *Client
	chain  http.RoundTripper // without authentication
}

func (t *tokenEndpoint) fetch(ctx context.Context) (token, error) {
	asked := time.Now()
	var answer tokenAnswer
	err := t.post(ctx, "FetchToken", "/api/oauth/token", url.Values{"grant_type": {"client_credentials"}},
		func(body []byte) (err error) {
			answer, err = decodeObject[tokenAnswer](body)
			return err
		})
	if err != nil {
		return token{}, err
	}
	return newToken(NewSecret(answer.Key()), string(answer.ExpiresIn), asked), nil
}

type tokenAnswer struct {
	AccessToken text `json:"access_token"`
	ExpiresIn   text `json:"expires_in"`
}

func (a tokenAnswer) Key() string { return string(a.AccessToken) }

// newToken counts a token's lifetime from the request and ends it a little early, to allow for the
// time that a request takes to reach Atlas.
func newToken(value Secret, expiresIn string, asked time.Time) token {
	life := defaultTokenLife
	if seconds, err := strconv.ParseFloat(expiresIn, 64); err == nil && seconds > 0 {
		life = time.Duration(min(seconds, 24*60*60) * float64(time.Second))
	}
	return token{
		value:     value,
		refreshAt: asked.Add(life * 2 / 3),
		expiresAt: asked.Add(life - min(life/10, 10*time.Second)),
	}
}

func (t *tokenEndpoint) revoke(ctx context.Context, held token) error {
	return t.post(ctx, "RevokeToken", "/api/oauth/revoke",
		url.Values{"token": {held.value.Reveal()}, "token_type_hint": {"access_token"}}, anything, held.value)
}

func (t *tokenEndpoint) post(
	ctx context.Context, operation, path string, form url.Values, read func([]byte) error, secrets ...Secret,
) error {
	x := &exchange{operation: operation, set: setTokens, priority: priorityWrite}
	x.redact.add(t.client.credentials.ClientSecret)
	x.redact.add(secrets...)
	ctx = context.WithValue(ctx, exchangeKey{}, x)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, t.client.base.String()+path, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.SetBasicAuth(t.client.credentials.ClientID, t.client.credentials.ClientSecret.Reveal())
	x.redact.add(NewSecret(strings.TrimPrefix(req.Header.Get("Authorization"), "Basic ")))
	req.Header.Set("User-Agent", t.client.userAgent)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return send(t.chain, req, read)
}

// contextError is the error of a caller whose context ended before a token arrived.
func (t *tokenEndpoint) contextError(ctx context.Context) error {
	e := &Error{Operation: "FetchToken", Method: http.MethodPost, URL: t.client.base.String() + "/api/oauth/token", token: true}
	return e.because(ctx.Err(), &redactor{})
}
