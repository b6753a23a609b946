package atlastest

import (
	"crypto/md5" // Atlas's HTTP digest uses MD5
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"time"
)

const digestRealm = "MMS Public API"

// nonce is an issued digest challenge.
type nonce struct {
	expires time.Time
	used    map[string]bool // nonce counts
}

// challenge issues a new nonce. Stale means that only the nonce was rejected, not the credentials.
func (s *Server) challenge(stale bool) *apiError {
	now := s.now()
	for value, n := range s.nonces {
		if !now.Before(n.expires) {
			delete(s.nonces, value)
		}
	}
	value := rand.Text()
	s.nonces[value] = &nonce{expires: now.Add(s.cfg.nonceLifetime), used: map[string]bool{}}
	return unauthorized(fmt.Sprintf(`Digest realm=%q, domain="", nonce=%q, algorithm=MD5, qop="auth", stale=%t`,
		digestRealm, value, stale))
}

// checkDigest verifies RFC 7616 with MD5 and qop=auth.
func (s *Server) checkDigest(r *http.Request, value string) (*credential, *apiError) {
	fields := digestFields(value)
	account := s.credentials[fields["username"]]
	switch {
	case account == nil || account.serviceAccount || account.disabled,
		fields["realm"] != digestRealm, fields["qop"] != "auth", fields["uri"] != r.RequestURI,
		len(fields["nc"]) != 8, fields["cnonce"] == "":
		return nil, s.challenge(false)
	}
	want := digestResponse(account, r.Method, fields)
	if subtle.ConstantTimeCompare([]byte(want), []byte(strings.ToLower(fields["response"]))) != 1 {
		return nil, s.challenge(false)
	}
	if !s.useNonce(fields["nonce"], fields["nc"]) {
		return nil, s.challenge(true)
	}
	return account, nil
}

// useNonce counts a use. A repeated count is a replay. Counts of parallel requests may arrive out of order.
func (s *Server) useNonce(value, count string) bool {
	n := s.nonces[value]
	if n == nil || !s.now().Before(n.expires) || n.used[count] {
		return false
	}
	if s.cfg.nonceUses > 0 && len(n.used) >= s.cfg.nonceUses {
		return false
	}
	n.used[count] = true
	return true
}

func digestResponse(account *credential, method string, f map[string]string) string {
	ha1 := md5Hex(account.id + ":" + digestRealm + ":" + account.secret)
	ha2 := md5Hex(method + ":" + f["uri"])
	return md5Hex(strings.Join([]string{ha1, f["nonce"], f["nc"], f["cnonce"], f["qop"], ha2}, ":"))
}

func md5Hex(s string) string {
	sum := md5.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}

// digestFields parses comma-separated name=value pairs, quoted or not.
func digestFields(header string) map[string]string {
	fields := map[string]string{}
	for header = strings.TrimSpace(header); header != ""; {
		name, rest, ok := strings.Cut(header, "=")
		if !ok {
			break
		}
		var value string
		value, header = digestValue(rest)
		fields[strings.ToLower(strings.TrimSpace(name))] = value
	}
	return fields
}

// digestValue parses one value and returns the rest after its comma.
func digestValue(s string) (value, rest string) {
	if !strings.HasPrefix(s, `"`) {
		value, rest, _ = strings.Cut(s, ",")
		return strings.TrimSpace(value), strings.TrimSpace(rest)
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case s[i] == '"':
			_, rest, _ = strings.Cut(s[i:], ",")
			return b.String(), strings.TrimSpace(rest)
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String(), ""
}
