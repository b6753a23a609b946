package atlas

import (
	"context"
	"net/http"
)

// bearer authenticates by the token of a service account. A 401 by which Atlas
// refuses the token drops it and sends the request once more with another one.
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

// refusesCredentials: Atlas itself says that it does not accept what the request
// was sent with. A proxy's 401 may stand in the place of another answer, and
// that to a lack of rights is no refusal of the credentials.
func refusesCredentials(resp *http.Response) bool {
	return resp.StatusCode == http.StatusUnauthorized && IsUnauthorized(newStatusError(resp.Request, resp, bodyOf(resp)))
}
