package atlas

import (
	"bytes"
	"errors"
	"io"
	"net/http"
)

// maxAnswer limits a response body, in bytes. A page of 500 objects has a few hundred thousand.
const maxAnswer = 10 << 20

var errTooLarge = errors.New("the answer is too large")

// wireError is the failure of one exchange below authentication.
type wireError struct {
	err error
	// sent reports whether the request may have reached the server.
	sent bool
	// statusCode is the status of a response whose body is incomplete, else 0.
	statusCode int
}

func (e *wireError) Error() string { return e.err.Error() }
func (e *wireError) Unwrap() error { return e.err }

// answerReader reads bodies into memory, so that the layers above see a complete response or none.
//
// A 2xx with an incomplete body is an error, except for DELETE, whose body is not used. Other
// statuses keep the part of the body that arrived.
func answerReader(next http.RoundTripper, req *http.Request) (*http.Response, error) {
	resp, err := next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	_ = resp.Body.Close()
	if err == nil && len(body) > maxAnswer {
		body, err = nil, errTooLarge
	}
	if err != nil && isSuccess(resp) && req.Method != http.MethodDelete {
		return nil, &wireError{err: err, sent: true, statusCode: resp.StatusCode}
	}
	resp.Body = answerBody{bytes.NewReader(body)}
	resp.Request = req
	return resp, nil
}

// answerBody is rewound by Close, so that several layers can read it.
type answerBody struct{ *bytes.Reader }

func (b answerBody) Close() error {
	_, err := b.Seek(0, io.SeekStart)
	return err
}

// bodyOf returns the body that answerReader holds in memory.
func bodyOf(resp *http.Response) []byte {
	body, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	return body
}
