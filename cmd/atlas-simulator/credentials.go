package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"

	"github.com/atlasstreams/operator/atlastest"
)

// credentialsFile keeps secrets off the command line, where every local user can read them.
type credentialsFile struct {
	ServiceAccounts map[string]string `json:"serviceAccounts"` // client ID to secret
	APIKeys         map[string]string `json:"apiKeys"`         // public to private key
}

// loadCredentials reads --credentials-file. Without the flag, the default credentials are valid for all projects.
func (o *options) loadCredentials() (*credentialsFile, error) {
	if o.credentialsFile == "" {
		return &credentialsFile{
			ServiceAccounts: map[string]string{atlastest.DefaultClientID: atlastest.DefaultClientSecret},
			APIKeys:         map[string]string{atlastest.DefaultPublicKey: atlastest.DefaultPrivateKey},
		}, nil
	}
	data, err := os.ReadFile(o.credentialsFile)
	if err != nil {
		return nil, fmt.Errorf("reading --credentials-file: %w", err)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	c := &credentialsFile{}
	if err := dec.Decode(c); err != nil {
		return nil, fmt.Errorf("reading --credentials-file %s: %w", o.credentialsFile, err)
	}
	if len(c.ServiceAccounts)+len(c.APIKeys) == 0 {
		return nil, fmt.Errorf("--credentials-file %s holds no credentials", o.credentialsFile)
	}
	return c, nil
}

func (c *credentialsFile) add(server *atlastest.Server) {
	for id, secret := range c.ServiceAccounts {
		server.AddServiceAccount(id, secret)
	}
	for public, private := range c.APIKeys {
		server.AddAPIKey(public, private)
	}
}
