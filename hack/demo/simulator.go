package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"

	"github.com/atlasstreams/operator/atlastest"
	"github.com/atlasstreams/operator/internal/testenv"
)

// credentials is the file format of atlas-simulator --credentials-file.
type credentials struct {
	ServiceAccounts map[string]string `json:"serviceAccounts"`
	APIKeys         map[string]string `json:"apiKeys"`
}

// simulator is the running Atlas simulator.
type simulator struct {
	url     string
	process *testenv.Process
}

// startSimulator starts the simulator. For the user's own manifests (foreign) it also accepts the credentials that
// they contain, and creates their projects and workspaces on demand.
func startSimulator(
	ctx context.Context, env *testenv.Environment, address string, samples *manifests, foreign bool,
) (*simulator, error) {
	args := []string{"--listen=" + address, "--log-requests", "--idle=1s", "--working=3s", "--pending=2s", "--deleting=1s"}
	if foreign {
		file := filepath.Join(filepath.Dir(env.Kubeconfig), "simulator-credentials.json")
		accepted := samples.credentials()
		maps.Copy(accepted.ServiceAccounts, map[string]string{atlastest.DefaultClientID: atlastest.DefaultClientSecret})
		data, err := json.Marshal(accepted)
		if err != nil {
			return nil, fmt.Errorf("start the simulator: %w", err)
		}
		if err := os.WriteFile(file, data, 0o600); err != nil {
			return nil, fmt.Errorf("start the simulator: %w", err)
		}
		args = append(args, "--auto-create", "--credentials-file="+file)
	}
	process, err := env.Run("atlas-simulator", nil, "bin/atlas-simulator", args...)
	if err != nil {
		return nil, err
	}
	s := &simulator{url: "http://" + address, process: process}
	return s, process.AwaitOK(ctx, s.url+"/_simulator/healthz")
}

// leftovers returns the links and connections in the simulator.
func (s *simulator) leftovers(ctx context.Context) ([]string, error) {
	status, body, err := get(ctx, s.url+"/_simulator/state")
	if err != nil {
		return nil, fmt.Errorf("ask the simulator what it holds: %w", err)
	}
	if status != http.StatusOK {
		return nil, fmt.Errorf("ask the simulator what it holds: it answers %d: %s", status, body)
	}
	var state struct {
		Projects []struct {
			ID           string                  `json:"id"`
			PrivateLinks []atlastest.PrivateLink `json:"privateLinks"`
			Workspaces   []struct {
				Connections []atlastest.Connection `json:"connections"`
			} `json:"workspaces"`
		} `json:"projects"`
	}
	if err := json.Unmarshal(body, &state); err != nil {
		return nil, fmt.Errorf("ask the simulator what it holds: %w", err)
	}
	var left []string
	for _, project := range state.Projects {
		for _, link := range project.PrivateLinks {
			left = append(left, fmt.Sprintf("private link %s (%s) of project %s", link.ID, link.State, project.ID))
		}
		for _, workspace := range project.Workspaces {
			for _, c := range workspace.Connections {
				left = append(left, fmt.Sprintf("connection %s (%s) of %s/%s", c.Name, c.State, c.ProjectID, c.Workspace))
			}
		}
	}
	return left, nil
}

func get(ctx context.Context, url string) (status int, body []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, nil, err
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // no proxy for the local machine
	response, err := client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	body, err = io.ReadAll(response.Body)
	return response.StatusCode, body, err
}
