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
		"service account":            {Credentials{ClientID: "id", ClientSecret: secret}, ""},
		"API key":                    {Credentials{PublicKey: "pub", PrivateKey: secret}, ""},
		"both":                       {Credentials{ClientID: "id", ClientSecret: secret, PublicKey: "pub", PrivateKey: secret}, ""},
		"API key and half the other": {Credentials{ClientID: "id", PublicKey: "pub", PrivateKey: secret}, ""},
		"nothing":                    {Credentials{}, "neither"},
		"client id only":             {Credentials{ClientID: "id"}, "client secret"},
		"client secret only":         {Credentials{ClientSecret: secret}, "client id"},
		"public key only":            {Credentials{PublicKey: "pub"}, "private part"},
		"private key only":           {Credentials{PrivateKey: secret}, "public part"},
		"line break in the id":       {Credentials{ClientID: "id\n", ClientSecret: secret}, "client id holds a line break"},
		"line break in the secret":   {Credentials{PublicKey: "pub", PrivateKey: NewSecret(planted + "\n")}, "private API key holds a line break"},
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
	base := Credentials{ClientID: "id", ClientSecret: NewSecret("secret")}
	withKey := base
	withKey.PublicKey, withKey.PrivateKey = "pub", NewSecret("priv")
	g.Expect(withKey.isServiceAccount()).To(BeTrue())
	g.Expect(withKey.Key()).To(Equal(base.Key()), "the scheme that is not used does not count")
	c, err := New(withKey, Options{})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(c.CredentialKey()).To(Equal(base.Key()))
	g.Expect(base.Key()).To(MatchRegexp("^[0-9a-f]{64}$"))

	keys := map[string]bool{}
	for _, c := range []Credentials{
		base,
		{ClientID: "id", ClientSecret: NewSecret("other")},
		{ClientID: "ids", ClientSecret: NewSecret("ecret")},
		{PublicKey: "id", PrivateKey: NewSecret("secret")},
	} {
		keys[c.Key()] = true
	}
	g.Expect(keys).To(HaveLen(4))
}

func TestCredentialsDigest(t *testing.T) {
	g := NewWithT(t)
	one := Credentials{ClientID: "id", ClientSecret: NewSecret("secret")}
	other := Credentials{ClientID: "id", ClientSecret: NewSecret("other")}
	g.Expect(one.Digest("a", "b")).To(Equal(one.Digest("a", "b")))
	digests := map[string]bool{}
	for _, d := range []string{
		one.Digest(), one.Digest(""), one.Digest("", ""), one.Digest("ab", "c"), one.Digest("a", "bc"), one.Digest("abc"), other.Digest("abc"),
	} {
		digests[d] = true
	}
	g.Expect(digests).To(HaveLen(7))
}
