package atlas

import (
	"bytes"
	"errors"
	"io"
	"net/http"
)

// maxAnswer bounds a body, in bytes. A page of 500 objects has some hundred
// thousand.
const maxAnswer = 10 << 20

var errTooLarge = errors.New("the answer is too large")

// wireError is the failure of one exchange below authentication.
type wireError struct {
	err error
	// sent says that the request may have reached the other side.
	sent bool
	// statusCode is that of an answer whose body did not come whole, else 0.
	statusCode int
}

func (e *wireError) Error() string { return e.err.Error() }
func (e *wireError) Unwrap() error { return e.err }

func statusOf(err error) int {
	if e, ok := errors.AsType[*wireError](err); ok {
		return e.statusCode
	}
	return 0
}

// answerReader reads bodies to memory, so that the layers above have an answer
// whole or have none, and may look into it.
//
// A 2xx whose body does not come whole is a failure. Other statuses speak for
// themselves and keep what came of their body, so does the 2xx of a DELETE,
// whose body nobody reads.
func answerReader(limit int64) layer {
	return func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(req *http.Request) (*http.Response, error) {
			resp, err := next.RoundTrip(req)
			if err != nil {
				return nil, err
			}
			body, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
			_ = resp.Body.Close()
			if err == nil && int64(len(body)) > limit {
				body, err = nil, errTooLarge
			}
			success := resp.StatusCode >= 200 && resp.StatusCode <= 299
			if err != nil && success && req.Method != http.MethodDelete {
				return nil, &wireError{err: err, sent: true, statusCode: resp.StatusCode}
			}
			resp.Body = answerBody{bytes.NewReader(body)}
			resp.Request = req
			return resp, nil
		})
	}
}

// answerBody is rewound by Close: a layer may read it, close it, and pass it
// on.
type answerBody struct{ *bytes.Reader }

func (b answerBody) Close() error {
	_, err := b.Seek(0, io.SeekStart)
	return err
}

// bodyOf reads an answer that answerReader has in memory.
func bodyOf(resp *http.Response) []byte {
	body, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	return body
}
