package atlas

import (
	"context"
	"net/http"
)

// bearer authenticates by the token of a service account. A 401 drops the
// token and sends the request once more with another one.
func bearer(tokens *tokenSource) layer {
	return func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(req *http.Request) (*http.Response, error) {
			ctx := req.Context()
			used, err := tokens.token(ctx)
			if err != nil {
				return nil, err
			}
			resp, err := sendWith(ctx, next, req, used)
			if err != nil || resp.StatusCode != http.StatusUnauthorized {
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
			if err == nil && resp.StatusCode == http.StatusUnauthorized {
				tokens.noUse(project)
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
	exchangeOf(ctx).hide.add(t.value)
	req.Header.Set("Authorization", "Bearer "+t.value.Reveal())
	return next.RoundTrip(req)
}
