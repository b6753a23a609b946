package atlastest

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
)

// authenticate identifies the credential. Its permissions are checked when the request is executed.
func (s *Server) authenticate(c *call) *apiError {
	if c.route != nil && c.route.oauth() {
		s.log.identify(c.entry, "")
		return nil // the token service authenticates by itself
	}
	if !strings.HasPrefix(c.request.URL.Path, "/api/atlas/") {
		return nil
	}
	scheme, value, _ := strings.Cut(c.request.Header.Get("Authorization"), " ")
	scheme = strings.ToLower(scheme)
	digestOnly := strings.HasPrefix(c.request.URL.Path, v1Base) // predates service accounts
	s.mu.Lock()
	defer s.mu.Unlock()
	var err *apiError
	switch {
	case scheme == "bearer" && !digestOnly:
		c.account, err = s.checkBearer(strings.TrimSpace(value))
	case scheme == "digest":
		c.account, err = s.checkDigest(c.request, value)
	default:
		err = s.challenge(false)
	}
	if err != nil {
		return err
	}
	s.log.identify(c.entry, c.account.id)
	return nil
}

func unauthorized(challenge string) *apiError {
	err := newError(http.StatusUnauthorized, "UNEXPECTED_ERROR", "You are not authorized for this resource.")
	err.Parameters, err.challenge = nil, true
	err.header.Set("WWW-Authenticate", challenge)
	return err
}

// anotherChallenge returns the header of a 401 for valid credentials.
func (s *Server) anotherChallenge(account *credential) http.Header {
	s.mu.Lock()
	defer s.mu.Unlock()
	if account != nil && !account.serviceAccount {
		return s.challenge(false).header
	}
	return unauthorized(invalidToken).header
}

// checkAccess checks the credential's permissions.
func (c *call) checkAccess(s *Server) *apiError {
	a := c.account
	switch {
	case a.outsider:
		return s.denied(a, "NOT_ORG_GROUP_CREATOR", "The current user is not in the organization of this project.", c.projectID)
	case a.ipRefused:
		host, _, err := net.SplitHostPort(c.request.RemoteAddr)
		if err != nil {
			host = c.request.RemoteAddr
		}
		return newError(http.StatusForbidden, "IP_ADDRESS_NOT_ON_ACCESS_LIST",
			fmt.Sprintf("IP address %s is not allowed to access this resource.", host), host)
	case c.projectID != "" && len(a.projects) > 0 && !slices.Contains(a.projects, c.projectID):
		return s.denied(a, "USER_CANNOT_ACCESS_GROUP", "User cannot access this group.")
	case a.readOnly && c.route.writes():
		return s.denied(a, "USER_UNAUTHORIZED", "Current user is not authorized to perform this action.")
	}
	return nil
}

// denied returns the 401 of a valid credential without permission.
func (s *Server) denied(a *credential, code, detail string, parameters ...any) *apiError {
	err := newError(http.StatusUnauthorized, code, detail, parameters...)
	if !a.serviceAccount { // a digest client expects a challenge with every 401
		err.header = s.challenge(false).header
	}
	return err
}
