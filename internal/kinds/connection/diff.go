package connection

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/kinds/raw"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// connectionDifferences compares the spec with what Atlas holds, sorted by path. Server defaults, letter case of
// host names, the order of lists and what Atlas never returns are no difference. Values from Secrets are compared
// only when they are loaded. Observing compares only what the spec gives.
func connectionDifferences(c *v1alpha1.StreamConnection, linkID string, values referred, found atlas.Connection) []decision.Difference {
	spec := &c.Spec
	d := &differences{partial: spec.ManagementPolicy == v1alpha1.Observe}
	d.fixed("type", string(spec.Type), found.Type)
	d.networking(spec.Networking, linkID, found.Networking)
	aws := cmp.Or(found.AWS, &atlas.AWSConfig{})
	switch {
	case spec.Cluster != nil:
		d.cluster(spec, found)
	case spec.Kafka != nil:
		d.kafka(spec, values, found)
	case spec.HTTPS != nil:
		d.text("https.url", spec.HTTPS.URL, found.URL, "")
		d.headers(spec.HTTPS, values, found.Headers)
	case spec.AWSLambda != nil:
		d.text("awsLambda.roleArn", spec.AWSLambda.RoleARN, aws.RoleARN, "")
	case spec.S3 != nil:
		d.text("s3.roleArn", spec.S3.RoleARN, aws.RoleARN, "")
		if aws.TestBucket != "" {
			d.text("s3.testBucket", spec.S3.TestBucket, aws.TestBucket, "aws.testBucket")
		}
	case spec.AWSKinesisDataStreams != nil:
		d.text("awsKinesisDataStreams.roleArn", spec.AWSKinesisDataStreams.RoleARN, aws.RoleARN, "")
	case spec.SchemaRegistry != nil:
		d.schemaRegistry(spec.SchemaRegistry, found)
	case spec.AzureBlobStorage != nil:
		azure := cmp.Or(found.Azure, &atlas.AzureConfig{})
		d.text("azureBlobStorage.servicePrincipalId", spec.AzureBlobStorage.ServicePrincipalID, azure.ServicePrincipalID, "")
		d.text("azureBlobStorage.storageAccountName", spec.AzureBlobStorage.StorageAccountName, azure.StorageAccountName, "")
	case spec.GCPPubSub != nil:
		gcp := cmp.Or(found.GCP, &atlas.GCPConfig{})
		d.text("gcpPubSub.serviceAccountId", spec.GCPPubSub.ServiceAccountID, gcp.ServiceAccountID, "")
	case spec.Raw != nil:
		d.raw(spec, found.Raw)
	}
	slices.SortFunc(d.list, func(a, b decision.Difference) int { return cmp.Compare(a.Path, b.Path) })
	return d.list
}

// differences collects fields that differ.
type differences struct {
	list    []decision.Difference
	partial bool
}

func (d *differences) add(path string) { d.list = append(d.list, decision.Difference{Path: path}) }

// fixed compares a field that Atlas cannot change.
func (d *differences) fixed(path, want, have string) {
	if want != have {
		d.list = append(d.list, decision.Difference{Path: path, Fixed: true})
	}
}

// text compares a field. One that the spec no longer has and Atlas does is cleared, where member names it on the wire.
func (d *differences) text(path, want, have, member string) {
	switch {
	case want == have, want == "" && d.partial:
	case want == "":
		d.list = append(d.list, decision.Difference{Path: path, Clear: member})
	default:
		d.add(path)
	}
}

func (d *differences) networking(want *v1alpha1.ConnectionNetworking, linkID string, found *atlas.Networking) {
	if want == nil && d.partial {
		return
	}
	have := cmp.Or(found, &atlas.Networking{}).Access
	wanted := atlas.NetworkingAccess{Type: string(v1alpha1.NetworkingPublic)}
	if request := networkingRequest(want, linkID); request != nil {
		wanted = request.Access
	}
	d.fixed("networking.type", wanted.Type, cmp.Or(have.Type, string(v1alpha1.NetworkingPublic)))
	path, known := "networking.connectionId", true
	if want != nil && want.PrivateLinkRef != nil {
		path, known = "networking.privateLinkRef", linkID != ""
	}
	if known {
		d.fixed(path, wanted.ConnectionID, have.ConnectionID)
	}
	d.fixed("networking.tgwRouteId", wanted.TGWRouteID, have.TGWRouteID)
}

func (d *differences) cluster(spec *v1alpha1.StreamConnectionSpec, found atlas.Connection) {
	d.text("cluster.clusterName", spec.Cluster.ClusterName, found.ClusterName, "")
	own := spec.ProjectID
	if d.partial && spec.Cluster.ClusterProjectID == "" {
		own = found.ClusterProjectID
	}
	if want, have := cmp.Or(spec.Cluster.ClusterProjectID, own), cmp.Or(found.ClusterProjectID, own); want != have {
		cleared := ""
		if want == own {
			cleared = "clusterGroupId"
		}
		d.list = append(d.list, decision.Difference{Path: "cluster.clusterProjectId", Clear: cleared})
	}
	role := cmp.Or(found.DBRole, &atlas.DBRole{})
	d.text("cluster.dbRoleToExecute.role", spec.Cluster.DBRoleToExecute.Role, role.Role, "")
	d.text("cluster.dbRoleToExecute.type", spec.Cluster.DBRoleToExecute.Type, role.Type, "")
}

func (d *differences) kafka(spec *v1alpha1.StreamConnectionSpec, values referred, found atlas.Connection) {
	want := spec.Kafka
	if normalServers(want.BootstrapServers) != normalServers(found.BootstrapServers) {
		d.add("kafka.bootstrapServers")
	}
	config := make(map[string]string, len(want.Config))
	for key, value := range want.Config {
		config[key] = string(value)
	}
	if !maps.Equal(config, found.Config) && (len(config) > 0 || !d.partial) {
		d.add("kafka.config")
	}
	d.kafkaAuthentication(spec, values, cmp.Or(found.KafkaAuthentication, &atlas.KafkaAuthentication{}))
	d.kafkaSecurity(spec, values, cmp.Or(found.KafkaSecurity, &atlas.KafkaSecurity{}))
}

func (d *differences) kafkaAuthentication(spec *v1alpha1.StreamConnectionSpec, values referred, have *atlas.KafkaAuthentication) {
	const at = "kafka.authentication."
	want := spec.Kafka.Authentication
	if want == nil {
		if *have != (atlas.KafkaAuthentication{}) && !d.partial {
			d.list = append(d.list, decision.Difference{Path: "kafka.authentication", Clear: "authentication"})
		}
		return
	}
	if want.Mechanism != "" { // without one Atlas chooses
		d.text(at+"mechanism", want.Mechanism, have.Mechanism, "")
	}
	d.text(at+"method", want.Method, have.Method, "authentication.method")
	d.text(at+"username", want.Username, have.Username, "authentication.username")
	d.text(at+"tokenEndpointUrl", want.TokenEndpointURL, have.TokenEndpointURL, "authentication.tokenEndpointUrl")
	d.text(at+"clientId", want.ClientID, have.ClientID, "authentication.clientId")
	d.text(at+"scope", want.Scope, have.Scope, "authentication.scope")
	d.text(at+"saslOauthbearerExtensions", want.SASLOAuthBearerExtensions, have.SASLOAuthBearerExtensions, "authentication.saslOauthbearerExtensions")
	d.text(at+"awsRoleArn", want.AWSRoleARN, have.AWS.RoleARN, "authentication.aws")
	// Atlas may not return the certificate, and one from a Secret is known only when it was read.
	if have.SSLCertificate != "" && (want.TLSSecretRef == nil || values.loaded) {
		certificate, _, _ := pemValues(spec, "", values)
		d.text(at+"sslCertificate", normalPEM(certificate.text), normalPEM(have.SSLCertificate), "authentication.sslCertificate")
	}
}

func (d *differences) kafkaSecurity(spec *v1alpha1.StreamConnectionSpec, values referred, have *atlas.KafkaSecurity) {
	const at = "kafka.security."
	want := spec.Kafka.Security
	if want == nil {
		if *have != (atlas.KafkaSecurity{}) && !d.partial {
			d.list = append(d.list, decision.Difference{Path: "kafka.security", Clear: "security"})
		}
		return
	}
	d.text(at+"protocol", want.Protocol, have.Protocol, "")
	if _, _, broker := pemValues(spec, "", values); broker.origin == "" || values.loaded {
		d.text(broker.field, normalPEM(broker.text), normalPEM(have.BrokerPublicCertificate), "security.brokerPublicCertificate")
	}
}

// raw compares the members that are given. Values from Secrets are not compared.
func (d *differences) raw(want *v1alpha1.StreamConnectionSpec, have map[string]any) {
	secret := make([]string, 0, len(want.RawSecretRefs))
	for _, reference := range want.RawSecretRefs {
		secret = append(secret, "raw."+reference.Path)
	}
	for _, path := range raw.Differences("raw", raw.Of(want.Raw, connectionMembers), have, false, secret...) {
		d.add(path)
	}
}

func (d *differences) schemaRegistry(want *v1alpha1.SchemaRegistryConnection, found atlas.Connection) {
	const at = "schemaRegistry."
	have := cmp.Or(found.SchemaRegistryAuthentication, &atlas.SchemaRegistryAuthentication{})
	if !strings.EqualFold(want.Provider, found.SchemaRegistryProvider) {
		d.add(at + "provider")
	}
	if sorted(want.URLs) != sorted(found.SchemaRegistryURLs) {
		d.add(at + "urls")
	}
	d.text(at+"authentication.type", want.Authentication.Type, have.Type, "")
	d.text(at+"authentication.username", want.Authentication.Username, have.Username, "schemaRegistryAuthentication.username")
}

func sorted(items []string) string { return strings.Join(slices.Sorted(slices.Values(items)), ",") }

// normalServers makes lists of brokers equal that differ in order, white space or letter case.
func normalServers(servers string) string {
	var normal []string
	for server := range strings.SplitSeq(servers, ",") {
		if server = strings.ToLower(strings.TrimSpace(server)); server != "" {
			normal = append(normal, server)
		}
	}
	slices.Sort(normal)
	return strings.Join(normal, ",")
}

// normalPEM ignores line ends and what stands around certificates.
func normalPEM(pem string) string { return strings.TrimSpace(certificateText(pem)) }
