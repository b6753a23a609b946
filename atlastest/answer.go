package atlastest

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/http"
	"strconv"
	"time"
)

// answer is a response. Its zero value cuts the connection.
type answer struct {
	status int
	code   string // errorCode, for the log
	header http.Header
	body   []byte

	how       Cut  // how to cut the connection
	truncated bool // after half of the body
	noLength  bool // a truncated response without Content-Length
}

func (a answer) cut() bool { return a.status == 0 }

// half truncates a response if the fault requires it.
func (a answer) half(f *Fault) answer {
	a.truncated, a.noLength, a.how = f.Truncate, f.NoLength, f.Cut
	return a
}

func (a answer) write(w http.ResponseWriter, r *http.Request) {
	if a.cut() {
		cutOff(r, a.how)
	}
	maps.Copy(w.Header(), a.header)
	if a.truncated {
		a.writeHalf(w, r)
		return
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // the client may have gone away
}

func (a answer) writeHalf(w http.ResponseWriter, r *http.Request) {
	switch {
	case !a.noLength:
		w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	case r.ProtoMajor == 1:
		w.Header().Set("Transfer-Encoding", "identity") // makes net/http end the body by closing the connection
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body[:len(a.body)/2])
	_ = http.NewResponseController(w).Flush()
	if !a.noLength || a.how != CutClose {
		cutOff(r, a.how)
	}
}

func (c *call) success(status int, body any) answer {
	contentType := "application/json"
	if c.route.version != "" {
		contentType = "application/vnd.atlas." + c.route.version + "+json;charset=utf-8"
	}
	return answer{status: status, header: c.headers(contentType), body: c.encode(status, body)}
}

func (c *call) failure(err *apiError) answer {
	header := c.headers("application/json")
	if err.Code != "" && err.oauth == nil {
		header.Set("X-Error-Code", err.Code)
	}
	if err.challenge {
		header.Del("X-Java-Method")
	}
	maps.Copy(header, err.header)
	var body any = err
	if err.oauth != nil {
		body = err.oauth
	}
	return answer{status: err.Status, code: err.Code, header: header, body: c.encode(err.Status, body)}
}

// headers returns the headers of every response.
func (c *call) headers(contentType string) http.Header {
	h := http.Header{}
	h.Set("Content-Type", contentType)
	h.Set("X-Request-Id", c.entry.request.ID)
	maps.Copy(h, securityHeaders)
	if c.route == nil || c.route.oauth() {
		return h
	}
	h.Set("X-Java-Method", c.route.set.class+"::"+c.route.op.javaMethod())
	if c.rate != nil {
		h["RateLimit-Limit"] = []string{strconv.Itoa(c.rate.limit)} // in Atlas's spelling
		h["RateLimit-Remaining"] = []string{strconv.Itoa(c.rate.remaining)}
	}
	return h
}

var securityHeaders = http.Header{
	"Strict-Transport-Security": {"max-age=31536000; includeSubdomains;"},
	"X-Content-Type-Options":    {"nosniff"},
	"X-Frame-Options":           {"DENY"},
	"Referrer-Policy":           {"strict-origin-when-cross-origin"},
}

// encode applies the query parameters for the format. An envelope adds a status to a page of a list and wraps
// everything else into content.
func (c *call) encode(status int, body any) []byte {
	if c.query.Get("envelope") == "true" {
		if list, ok := body.(map[string]any); ok && list["results"] != nil {
			list["status"] = status
		} else {
			body = map[string]any{"status": status, "content": body}
		}
	}
	var data []byte
	var err error
	refusal, isError := body.(*apiError)
	if c.query.Get("pretty") == "true" || isError && refusal.challenge {
		data, err = json.MarshalIndent(body, "", "  ")
	} else {
		data, err = json.Marshal(body)
	}
	if err != nil {
		panic(fmt.Sprintf("atlastest: encoding an answer: %v", err)) // only the simulator's own types are encoded
	}
	return data
}

func (c *call) faultAnswer(s *Server, f *Fault) answer {
	if f.Page != "" {
		a := f.Page.answer(f.Status)
		maps.Copy(a.header, f.Header)
		return a
	}
	err := newError(f.Status, f.ErrorCode, f.Detail, f.Parameters...)
	if f.Reason != "" {
		err.Reason = f.Reason
	}
	if len(f.Fields) > 0 {
		err.BadRequest = &badRequestDetail{Fields: f.Fields}
	}
	if f.Status == http.StatusUnauthorized && f.HTML == "" && (f.ErrorCode == "" || f.ErrorCode == "UNEXPECTED_ERROR") {
		err.header = s.anotherChallenge(c.account)
	}
	maps.Copy(err.header, f.Header)
	if f.RetryAfter > 0 {
		err.header.Set("Retry-After", seconds(f.RetryAfter))
	}
	a := c.failure(err)
	if f.HTML != "" {
		a.body = []byte(f.HTML)
		a.header.Set("Content-Type", "text/html; charset=utf-8")
	}
	return a
}

// seconds returns a duration in whole seconds, rounded up.
func seconds(d time.Duration) string {
	return strconv.Itoa(int(math.Ceil(d.Seconds())))
}
