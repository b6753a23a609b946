package atlas

import (
	"testing"

	. "github.com/onsi/gomega"
)

func TestCredentialsValidate(t *testing.T) {
	secret := NewSecret(planted)
	for name, tc := range map[string]struct {
		creds Credentials
		fault string
	}{
		"service account":          {Credentials{ID: "id", Secret: secret}, ""},
		"API key":                  {Credentials{APIKey: true, ID: "pub", Secret: secret}, ""},
		"nothing":                  {Credentials{}, "client id"},
		"client id only":           {Credentials{ID: "id"}, "client secret"},
		"client secret only":       {Credentials{Secret: secret}, "client id"},
		"public key only":          {Credentials{APIKey: true, ID: "pub"}, "private API key"},
		"private key only":         {Credentials{APIKey: true, Secret: secret}, "public API key"},
		"line break in the id":     {Credentials{ID: "id\n", Secret: secret}, "client id holds a line break"},
		"line break in the secret": {Credentials{APIKey: true, ID: "pub", Secret: NewSecret(planted + "\n")}, "private API key holds a line break"},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			err := tc.creds.Validate()
			_, newErr := New(tc.creds, Options{})
			if tc.fault == "" {
				g.Expect(err).NotTo(HaveOccurred())
				g.Expect(newErr).NotTo(HaveOccurred())
				return
			}
			g.Expect(err).To(MatchError(ContainSubstring(tc.fault)))
			g.Expect(newErr).To(MatchError(ContainSubstring(tc.fault)))
			g.Expect(newErr.Error()).NotTo(ContainSubstring(planted))
		})
	}
}

func TestCredentialsKey(t *testing.T) {
	g := NewWithT(t)
	base := Credentials{ID: "id", Secret: NewSecret("secret")}
	c, err := New(base, Options{})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(c.CredentialKey()).To(Equal(base.Key()))
	g.Expect(base.Key()).To(MatchRegexp("^[0-9a-f]{64}$"))

	keys := map[string]bool{}
	for _, c := range []Credentials{
		base,
		{ID: "id", Secret: NewSecret("other")},
		{ID: "ids", Secret: NewSecret("ecret")},
		{APIKey: true, ID: "id", Secret: NewSecret("secret")},
	} {
		keys[c.Key()] = true
	}
	g.Expect(keys).To(HaveLen(4))
}

func TestCredentialsDigest(t *testing.T) {
	g := NewWithT(t)
	one := Credentials{ID: "id", Secret: NewSecret("secret")}
	other := Credentials{ID: "id", Secret: NewSecret("other")}
	g.Expect(one.Digest("a", "b")).To(Equal(one.Digest("a", "b")))
	digests := map[string]bool{}
	for _, d := range []string{
		one.Digest(), one.Digest(""), one.Digest("", ""), one.Digest("ab", "c"), one.Digest("a", "bc"), one.Digest("abc"), other.Digest("abc"),
	} {
		digests[d] = true
	}
	g.Expect(digests).To(HaveLen(7))
}
