package atlas

import "net/http"

// authenticate is the layer that sends a service account's token. If Atlas rejects the token with a
// 401, the token is dropped and the request is retried once with a new one.
func (s *tokenSource) authenticate(next http.RoundTripper, req *http.Request) (*http.Response, error) {
	x := exchangeOf(req.Context())
	for retried := false; ; retried = true {
		used, err := s.token(req.Context())
		if err != nil {
			return nil, err
		}
		attempt := req.Clone(req.Context())
		if attempt.Body, err = req.GetBody(); err != nil {
			return nil, err
		}
		x.redact.add(used.value)
		attempt.Header.Set("Authorization", "Bearer "+used.value.Reveal())
		resp, err := next.RoundTrip(attempt)
		switch {
		case err != nil || !refusesCredentials(resp):
			return resp, err
		case retried:
			s.markUseless(x.project)
			return resp, nil
		case !s.replace(used, x.project):
			return resp, nil
		}
	}
}

// refusesCredentials reports whether Atlas itself rejected the credentials. A proxy's 401 does not
// count, nor does a 401 for missing permissions.
func refusesCredentials(resp *http.Response) bool {
	return resp.StatusCode == http.StatusUnauthorized && IsUnauthorized(newStatusError(resp))
}
