package atlastest

import (
	"maps"
	"slices"
	"time"
)

type credential struct {
	id             string
	secret         string
	serviceAccount bool

	projects  []string // nil means every project
	readOnly  bool
	disabled  bool
	ipRefused bool
	outsider  bool
	minted    []time.Time // recent token requests, for the token rate limit
}

// CredentialOption restricts a service account or an API key.
type CredentialOption func(*credential)

// ForProjects restricts a credential to these projects. Requests for others fail with 401 USER_CANNOT_ACCESS_GROUP.
// Without arguments it lifts the restriction.
func ForProjects(projectIDs ...string) CredentialOption {
	return func(c *credential) { c.projects = slices.Clone(projectIDs) }
}

// ReadOnly makes every write of a credential fail with 401 USER_UNAUTHORIZED, as Atlas does for a missing role.
func ReadOnly(readOnly bool) CredentialOption {
	return func(c *credential) { c.readOnly = readOnly }
}

// Disabled makes all requests of a credential fail with 401: existing tokens, new tokens and digests.
func Disabled(disabled bool) CredentialOption {
	return func(c *credential) { c.disabled = disabled }
}

// OffAccessList makes every API request of a credential fail with 403 IP_ADDRESS_NOT_ON_ACCESS_LIST. Token requests
// still succeed, as in Atlas.
func OffAccessList(refused bool) CredentialOption {
	return func(c *credential) { c.ipRefused = refused }
}

// WrongOrganization makes every API request of a credential fail with 401 NOT_ORG_GROUP_CREATOR.
func WrongOrganization(wrong bool) CredentialOption {
	return func(c *credential) { c.outsider = wrong }
}

// Secret replaces a credential's secret. Existing tokens stay valid.
func Secret(secret string) CredentialOption {
	return func(c *credential) { c.secret = secret }
}

// AddServiceAccount adds or replaces a service account.
func (s *Server) AddServiceAccount(clientID, clientSecret string, opts ...CredentialOption) {
	s.addCredential(&credential{id: clientID, secret: clientSecret, serviceAccount: true}, opts)
}

// AddAPIKey adds or replaces an API key.
func (s *Server) AddAPIKey(publicKey, privateKey string, opts ...CredentialOption) {
	s.addCredential(&credential{id: publicKey, secret: privateKey}, opts)
}

func (s *Server) addCredential(c *credential, opts []CredentialOption) {
	for _, opt := range opts {
		opt(c)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.credentials[c.id] = c
}

// UpdateCredential changes a credential by client ID or public key. It reports whether the credential exists.
func (s *Server) UpdateCredential(id string, opts ...CredentialOption) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.credentials[id]
	if c == nil {
		return false
	}
	for _, opt := range opts {
		opt(c)
	}
	return true
}

// RevokeCredential removes a service account or API key and its tokens.
func (s *Server) RevokeCredential(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.credentials, id)
	s.dropTokens(id)
}

// RevokeTokens revokes all tokens of a service account. New ones can be requested.
func (s *Server) RevokeTokens(clientID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dropTokens(clientID)
}

// LiveTokens returns the number of a service account's tokens that are neither expired nor revoked.
func (s *Server) LiveTokens(clientID string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.liveTokens(clientID)
}

// Credentials returns the IDs of all credentials, sorted.
func (s *Server) Credentials() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.credentials))
}
