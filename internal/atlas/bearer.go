package atlas

import (
	"context"
	"net/http"
)

// bearer authenticates with a service account's token. If Atlas rejects the token with a 401, the
// token is dropped and the request is retried once with a new one.
func bearer(tokens *tokenSource) layer {
	return func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(req *http.Request) (*http.Response, error) {
			ctx := req.Context()
			used, err := tokens.token(ctx)
			if err != nil {
				return nil, err
			}
			resp, err := sendWith(ctx, next, req, used)
			if err != nil || !refusesCredentials(resp) {
				return resp, err
			}
			project := exchangeOf(ctx).project
			if !tokens.replace(used, project) {
				return resp, nil
			}
			fresh, err := tokens.token(ctx)
			if err != nil {
				return nil, err
			}
			resp, err = sendWith(ctx, next, req, fresh)
			if err == nil && refusesCredentials(resp) {
				tokens.markUseless(project)
			}
			return resp, err
		})
	}
}

func sendWith(ctx context.Context, next http.RoundTripper, req *http.Request, t token) (*http.Response, error) {
	req, err := replay(ctx, req)
	if err != nil {
		return nil, err
	}
	exchangeOf(ctx).redact.add(t.value)
	req.Header.Set("Authorization", "Bearer "+t.value.Reveal())
	return next.RoundTrip(req)
}

// refusesCredentials reports whether Atlas itself rejected the credentials. A proxy's 401 does not
// count, nor does a 401 for missing permissions.
func refusesCredentials(resp *http.Response) bool {
	return resp.StatusCode == http.StatusUnauthorized && IsUnauthorized(newStatusError(resp))
}
