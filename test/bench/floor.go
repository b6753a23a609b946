package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
	"golang.org/x/sync/errgroup"

	"github.com/atlasstreams/operator/atlastest"
)

const mediaType = "application/vnd.atlas.2023-02-01+json"

// post is one creation in Atlas.
type post struct {
	path string
	body map[string]any
}

// bareClient speaks to the simulator with a token and nothing else: no retries, no limits, no lists.
func bareClient(ctx context.Context, baseURL string) *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy, transport.MaxIdleConnsPerHost = nil, 100
	config := clientcredentials.Config{
		ClientID: atlastest.DefaultClientID, ClientSecret: atlastest.DefaultClientSecret,
		TokenURL: baseURL + "/api/oauth/token", AuthStyle: oauth2.AuthStyleInHeader,
	}
	return config.Client(context.WithValue(ctx, oauth2.HTTPClient, &http.Client{Transport: transport}))
}

// bareLoop sends the POSTs of each queue one after another, all queues at once. It is the physical floor: whoever writes
// to a workspace one call at a time cannot be faster.
func bareLoop(ctx context.Context, baseURL string, queues [][]post) (time.Duration, error) {
	group, ctx := errgroup.WithContext(ctx)
	client := bareClient(ctx, baseURL)
	began := time.Now()
	for _, queue := range queues {
		group.Go(func() error {
			for _, p := range queue {
				if err := p.send(ctx, client, baseURL); err != nil {
					return err
				}
			}
			return nil
		})
	}
	err := group.Wait()
	return time.Since(began), err
}

func (p post) send(ctx context.Context, client *http.Client, baseURL string) error {
	body, err := json.Marshal(p.body)
	if err != nil {
		return fmt.Errorf("POST %s: %w", p.path, err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, baseURL+p.path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("POST %s: %w", p.path, err)
	}
	request.Header.Set("Accept", mediaType)
	request.Header.Set("Content-Type", mediaType)
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("POST %s: %w", p.path, err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode/100 != 2 {
		return fmt.Errorf("POST %s: %s %s (%w)", p.path, response.Status, answer, err)
	}
	return nil
}

// projectPath is where the objects of a project are.
func projectPath(project string) string { return "/api/atlas/v2/groups/" + project + "/streams/" }

func connectionsPath(project, workspace string) string {
	return projectPath(project) + url.PathEscape(workspace) + "/connections"
}

// postLink is the POST of tenant.link.
func postLink(project string, i int) post {
	return post{projectPath(project) + "privateLinkConnections", map[string]any{
		"provider": "AWS", "vendor": "CONFLUENT", "region": region, "serviceEndpointId": endpointService(i),
		"dnsDomain": linkName(i) + ".example.com", "dnsSubDomain": []string{},
	}}
}

// postCluster is the POST of tenant.cluster.
func postCluster(project, workspace string, i int) post {
	return post{connectionsPath(project, workspace), map[string]any{
		"name": connectionName(0, i), "type": "Cluster", "clusterName": "orders",
		"dbRoleToExecute": map[string]any{"role": clusterRole, "type": "BUILT_IN"},
	}}
}

// floorProject is a project of the bare loop alone.
var floorProject = fmt.Sprintf("%024x", 0xf1004)

// floor measures the bare loop with so many POSTs in each of the queues, made by one for queue and number.
func (s *stage) floor(ctx context.Context, queues, each int, one func(queue, i int) post) (time.Duration, error) {
	s.progress.say("bare loop: %d POSTs in %d queues", queues*each, queues)
	work := make([][]post, queues)
	for q := range work {
		s.atlas.AddWorkspace(floorProject, floorWorkspace(q))
		for i := range each {
			work[q] = append(work[q], one(q, i))
		}
	}
	took, err := bareLoop(ctx, s.atlas.URL, work)
	if err != nil {
		return 0, fmt.Errorf("bare loop: %w", err)
	}
	s.progress.say("bare loop: %s", took.Round(10*time.Millisecond))
	s.atlas.RemoveProject(floorProject)
	return took, nil
}

func floorWorkspace(queue int) string { return fmt.Sprintf("floor-%d", queue) }
