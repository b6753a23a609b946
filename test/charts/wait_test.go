package charts_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/atlastest"
	"github.com/atlasstreams/operator/test/internal/manifest"
)

// shop are values of the chart of resources: a link, and a connection over it.
const shop = `
defaults:
  projectId: 65f1c0de0000000000000001
  workspaceName: streams
  credentialsRef: {name: atlas}
links:
  confluent:
    provider: AWS
    vendor: CONFLUENT
    region: us-east-1
    serviceEndpointId: com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0
    dnsDomain: abc123.us-east-1.aws.confluent.cloud
    dnsSubDomain: []
connections:
  bucket:
    type: S3
    s3: {roleArn: "arn:aws:iam::123456789012:role/streams"}
    networking: {type: PRIVATE_LINK, privateLinkRef: {name: confluent}}
`

// startOperator installs the operator for the stage's namespace, and runs it.
func (s *stage) startOperator() {
	s.t.Helper()
	s.mustHelm(s.t, s.operatorArgs("install", "--set", "watch.namespaces={"+s.namespace+"}")...)
	s.t.Cleanup(s.uninstallOperator)
	s.runManager(s.installed(s.namespace, s.release+"-atlas-streams-operator-controller-manager"))
}

// operatorArgs install or upgrade the operator in the stage's namespace, at the stage's Atlas and in a hurry.
func (s *stage) operatorArgs(verb string, more ...string) []string {
	s.t.Helper()
	return append([]string{
		verb, s.release, operatorChart, "--namespace", s.namespace, "--values", valuesFile(s.t, s.operatorValues()),
	}, more...)
}

// uninstallOperator leaves the cluster without what belongs to no namespace.
func (s *stage) uninstallOperator() {
	s.t.Helper()
	ctx := context.WithoutCancel(s.t.Context()) // it may run when the test has ended
	_, err := s.helm(ctx, "uninstall", s.release, "--namespace", s.namespace)
	s.Expect(err).NotTo(HaveOccurred())
}

// background runs helm while the test goes on; its end is sent.
func (s *stage) background(args ...string) <-chan error {
	ended := make(chan error, 1)
	go func() {
		_, err := s.helm(s.t.Context(), args...)
		ended <- err
	}()
	return ended
}

func TestInstallWaitsUntilAllIsReady(t *testing.T) {
	t.Parallel()
	s := newStage(t, world.cluster, atlastest.WithManualClock(time.Now()), atlastest.WithDurations(atlastest.Durations{
		Working: 35 * time.Minute, Pending: time.Minute,
	}))
	s.Create(manifest.Credentials(s.namespace))
	s.startOperator()
	ended := s.background("install", "shop", streamsChart, "--namespace", s.namespace, "--values", valuesFile(t, shop),
		"--wait", "--timeout", "60m")
	link, connection := linkOf(s, "confluent"), connectionOf(s, "bucket")

	s.Eventually(func() string {
		_ = s.kube.Get(t.Context(), client.ObjectKeyFromObject(link), link) // not there at first
		return link.Status.State
	}).Should(Equal(atlastest.StateWorking))
	s.Consistently(ended).ShouldNot(Receive(), "the link is not ready")
	s.atlas.Advance(35 * time.Minute)
	s.AwaitReady(link)
	s.Eventually(func() string {
		_ = s.kube.Get(t.Context(), client.ObjectKeyFromObject(connection), connection)
		return connection.Status.State
	}).Should(Equal(atlastest.StatePending))
	s.Consistently(ended).ShouldNot(Receive(), "the connection is not ready")
	s.atlas.Advance(time.Minute)
	s.Eventually(ended).Should(Receive(Succeed()))
	s.AwaitReady(connection)

	s.mustHelm(t, "uninstall", "shop", "--namespace", s.namespace, "--wait", "--timeout", "3m")
	s.ExpectNoOrphans(s.atlas)
}

func TestInstallFailsAtOnceWithALink(t *testing.T) {
	t.Parallel()
	s := newStage(t, world.cluster)
	s.Create(manifest.Credentials(s.namespace))
	s.startOperator()
	s.atlas.FailNextPrivateLink(project, "the endpoint service refused the connection")
	started := time.Now()
	_, err := s.helm(t.Context(), "install", "shop", streamsChart, "--namespace", s.namespace, "--values", valuesFile(t, shop),
		"--wait", "--timeout", "30m")
	s.Expect(err).To(MatchError(And(
		ContainSubstring("StreamPrivateLink/"+s.namespace+"/confluent"), ContainSubstring("Failed"),
		ContainSubstring("the endpoint service refused the connection"))))
	s.Expect(time.Since(started)).To(BeNumerically("<", 5*time.Minute), "long before the timeout")

	s.mustHelm(t, "uninstall", "shop", "--namespace", s.namespace, "--wait", "--timeout", "3m")
	s.ExpectNoOrphans(s.atlas)
}

// Helm deletes Secrets before what needs them.
func TestUninstallOfAReleaseThatHoldsTheSecrets(t *testing.T) {
	t.Parallel()
	s := newStage(t, world.cluster)
	s.startOperator()
	umbrella := t.TempDir()
	s.Expect(os.CopyFS(umbrella, os.DirFS("test/charts/testdata/umbrella"))).To(Succeed())
	s.Expect(os.CopyFS(filepath.Join(umbrella, "charts", "atlas-streams"), os.DirFS(streamsChart))).To(Succeed())
	s.mustHelm(t, "install", "shop", umbrella, "--namespace", s.namespace,
		"--set", "clientId="+atlastest.DefaultClientID, "--set", "clientSecret="+atlastest.DefaultClientSecret,
		"--set", "kafkaPassword=planted-kafka-password", "--wait", "--timeout", "3m")
	s.Expect(s.atlas.PrivateLinks(project)).To(HaveLen(1))
	s.Expect(s.atlas.Connections(project, workspace)).To(HaveLen(1))

	s.mustHelm(t, "uninstall", "shop", "--namespace", s.namespace, "--wait", "--timeout", "3m")

	s.ExpectNoOrphans(s.atlas)
	secrets := &corev1.SecretList{}
	s.Expect(s.kube.List(t.Context(), secrets, client.InNamespace(s.namespace), client.MatchingLabels{"owner": "helm", "name": "shop"})).To(Succeed())
	s.Expect(secrets.Items).To(BeEmpty(), "the release is gone")
}

// A release is changed, taken back and removed; Atlas follows.
func TestLifeOfARelease(t *testing.T) {
	t.Parallel()
	s := newStage(t, world.cluster)
	s.Create(manifest.Credentials(s.namespace))
	s.startOperator()
	waiting := []string{"--namespace", s.namespace, "--wait", "--timeout", "3m"}
	helm := func(args ...string) { s.mustHelm(t, append(args, waiting...)...) }
	url := func() any {
		connection, _ := s.atlas.Connection(project, workspace, "hook")
		return connection.Fields["url"]
	}
	const values = `
defaults: {projectId: 65f1c0de0000000000000001, workspaceName: streams, credentialsRef: {name: atlas}}
links: {bucket: {provider: AWS, vendor: S3, region: us-east-1, serviceEndpointId: com.amazonaws.us-east-1.s3}}
connections: {hook: {type: Https, https: {url: "https://example.com/one"}}}
`
	helm("install", "shop", streamsChart, "--values", valuesFile(t, values))
	s.Expect(url()).To(Equal("https://example.com/one"))
	kept := linkOf(s, "bucket")
	s.AwaitReady(kept)

	helm("upgrade", "shop", streamsChart, "--values", valuesFile(t, values), "--set", "connections.hook.https.url=https://example.com/two",
		"--set", "connections.solar.type=Sample", "--set", "connections.solar.name=sample_stream_solar")
	s.Expect(url()).To(Equal("https://example.com/two"), "ready is of this generation")
	s.Expect(s.atlas.Connections(project, workspace)).To(HaveLen(2))

	helm("rollback", "shop", "1")
	s.Expect(url()).To(Equal("https://example.com/one"))
	s.Eventually(func() int { return len(s.atlas.Connections(project, workspace)) }).Should(Equal(1))
	id := kept.Status.ID
	s.AwaitReady(kept)
	s.Expect(kept.Status.ID).To(Equal(id), "what did not change was left alone")
	s.Expect(s.atlas.Count(atlastest.OpCreatePrivateLink)).To(Equal(1))

	helm("uninstall", "shop")
	s.ExpectNoOrphans(s.atlas)
	s.Expect(s.kube.Get(t.Context(), client.ObjectKeyFromObject(kept), &v1alpha1.StreamPrivateLink{})).NotTo(Succeed())
}

// helm upgrade --force-replace takes the finalizer away, which must not leave the link behind at the uninstall.
func TestForcedReplacementLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	s := newStage(t, world.cluster)
	s.Create(manifest.Credentials(s.namespace))
	s.startOperator()
	values := valuesFile(t, `
defaults: {projectId: `+project+`, credentialsRef: {name: atlas}, workspaceName: `+workspace+`}
links:
  s3: {provider: AWS, vendor: S3, region: us-east-1, serviceEndpointId: com.amazonaws.us-east-1.s3}
`)
	args := []string{"--namespace", s.namespace, "--values", values, "--server-side=false", "--wait", "--timeout", "3m"}
	s.mustHelm(t, append([]string{"install", "shop", streamsChart}, args...)...)
	s.mustHelm(t, append([]string{"upgrade", "shop", streamsChart, "--force-replace"}, args...)...)
	link := linkOf(s, "s3")
	s.AwaitReady(link)
	s.Eventually(func() []string { s.Reload(link); return link.Finalizers }).Should(ContainElement(v1alpha1.Finalizer))
	s.mustHelm(t, "uninstall", "shop", "--namespace", s.namespace, "--wait", "--timeout", "3m")
	s.ExpectNoOrphans(s.atlas)
}
