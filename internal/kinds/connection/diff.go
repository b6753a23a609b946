package connection

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"unicode"

	"k8s.io/apimachinery/pkg/util/sets"

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
	want := connectionRequest(c, linkID, values)
	d.networking(spec.Networking, linkID, want.Networking, found.Networking)
	aws := cmp.Or(found.AWS, &atlas.AWSConfig{})
	switch {
	case spec.Cluster != nil:
		d.cluster(spec, found)
	case spec.Kafka != nil:
		d.kafka(spec, values, want, found)
	case spec.HTTPS != nil:
		d.text("https.url", spec.HTTPS.URL, found.URL, "")
		d.headers(spec.HTTPS, values, want.Headers, found.Headers)
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
		have := cmp.Or(found.SchemaRegistryAuthentication, &atlas.SchemaRegistryAuthentication{})
		d.text("schemaRegistry.provider", strings.ToLower(want.SchemaRegistryProvider), strings.ToLower(found.SchemaRegistryProvider), "")
		d.text("schemaRegistry.urls", sorted(want.SchemaRegistryURLs), sorted(found.SchemaRegistryURLs), "")
		d.text("schemaRegistry.authentication.type", want.SchemaRegistryAuthentication.Type, have.Type, "")
		d.text("schemaRegistry.authentication.username", want.SchemaRegistryAuthentication.Username, have.Username,
			"schemaRegistryAuthentication.username")
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

// add adds a field that a PATCH changes, or clears where member names it on the wire.
func (d *differences) add(path, member string) {
	d.list = append(d.list, decision.Difference{Path: path, Clear: member})
}

// fixed compares a field that Atlas cannot change.
func (d *differences) fixed(path, want, have string) {
	if want != have && (want != "" || !d.partial) {
		d.list = append(d.list, decision.Difference{Path: path, Fixed: true})
	}
}

// text compares a field. One that the spec no longer has and Atlas does is cleared.
func (d *differences) text(path, want, have, member string) {
	if want != "" {
		member = ""
	}
	if want != have && (want != "" || !d.partial) {
		d.add(path, member)
	}
}

// given reports whether the spec has an object whose members are to be compared. One that only Atlas has is cleared.
func (d *differences) given(path string, wanted, held bool, member string) bool {
	if !wanted && held && !d.partial {
		d.add(path, member)
	}
	return wanted
}

func (d *differences) networking(spec *v1alpha1.ConnectionNetworking, linkID string, want, found *atlas.Networking) {
	if spec == nil && d.partial {
		return
	}
	public := &atlas.Networking{Access: atlas.NetworkingAccess{Type: string(v1alpha1.NetworkingPublic)}}
	wanted, have := cmp.Or(want, public).Access, cmp.Or(found, public).Access
	d.fixed("networking.type", wanted.Type, cmp.Or(have.Type, public.Access.Type))
	switch {
	case spec == nil || spec.PrivateLinkRef == nil:
		d.fixed("networking.connectionId", wanted.ConnectionID, have.ConnectionID)
	case linkID != "":
		d.fixed("networking.privateLinkRef", wanted.ConnectionID, have.ConnectionID)
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
		d.add("cluster.clusterProjectId", cleared)
	}
	role := cmp.Or(found.DBRole, &atlas.DBRole{})
	d.text("cluster.dbRoleToExecute.role", spec.Cluster.DBRoleToExecute.Role, role.Role, "")
	d.text("cluster.dbRoleToExecute.type", spec.Cluster.DBRoleToExecute.Type, role.Type, "")
}

func (d *differences) kafka(spec *v1alpha1.StreamConnectionSpec, values referred, want, found atlas.Connection) {
	d.text("kafka.bootstrapServers", normalServers(want.BootstrapServers), normalServers(found.BootstrapServers), "")
	if !maps.Equal(want.Config, found.Config) && (len(want.Config) > 0 || !d.partial) {
		d.add("kafka.config", "")
	}
	certificate, _, broker := pemValues(spec, "", values)
	have := cmp.Or(found.KafkaAuthentication, &atlas.KafkaAuthentication{})
	if a := want.KafkaAuthentication; d.given("kafka.authentication", a != nil, *have != (atlas.KafkaAuthentication{}), "authentication") {
		const at = "kafka.authentication."
		if a.Mechanism != "" { // without one Atlas chooses
			d.text(at+"mechanism", a.Mechanism, have.Mechanism, "")
		}
		d.text(at+"method", a.Method, have.Method, "authentication.method")
		d.text(at+"username", a.Username, have.Username, "authentication.username")
		d.text(at+"tokenEndpointUrl", a.TokenEndpointURL, have.TokenEndpointURL, "authentication.tokenEndpointUrl")
		d.text(at+"clientId", a.ClientID, have.ClientID, "authentication.clientId")
		d.text(at+"scope", a.Scope, have.Scope, "authentication.scope")
		d.text(at+"saslOauthbearerExtensions", a.SASLOAuthBearerExtensions, have.SASLOAuthBearerExtensions,
			"authentication.saslOauthbearerExtensions")
		d.text(at+"awsRoleArn", a.AWS.RoleARN, have.AWS.RoleARN, "authentication.aws")
		// Atlas may not return the certificate, and one from a Secret is known only when it was read.
		if have.SSLCertificate != "" && (certificate.field != fieldTLSRef || values.loaded) {
			d.text(fieldCertificate, normalPEM(a.SSLCertificate), normalPEM(have.SSLCertificate), "authentication.sslCertificate")
		}
	}
	security := cmp.Or(found.KafkaSecurity, &atlas.KafkaSecurity{})
	if s := want.KafkaSecurity; d.given("kafka.security", s != nil, *security != (atlas.KafkaSecurity{}), "security") {
		d.text("kafka.security.protocol", s.Protocol, security.Protocol, "")
		switch wanted, found := normalPEM(s.BrokerPublicCertificate), normalPEM(security.BrokerPublicCertificate); {
		case broker.field != fieldBrokerRef:
			d.text(fieldBroker, wanted, found, "security.brokerPublicCertificate")
		case values.loaded:
			d.text(fieldBrokerRef, wanted, found, "")
		}
	}
}

// headers compares names, in any letter case, and values. Values from a Secret are compared only when they are loaded.
func (d *differences) headers(want *v1alpha1.HTTPSConnection, values referred, request, have map[string]atlas.Secret) {
	wanted, held := foldedNames(request), foldedNames(have)
	same := maps.Equal(request, have) || len(held) == len(have) && maps.Equal(wanted, held)
	if want.HeadersSecretRef != nil && !values.loaded {
		// A header of the Secret may have gone over one of the spec, so only a name that is gone is certain.
		same = sets.KeySet(held).IsSuperset(sets.KeySet(wanted))
	}
	if !same && (len(want.Headers) > 0 || want.HeadersSecretRef != nil || !d.partial) {
		d.add("https.headers", "")
	}
}

func foldedNames(headers map[string]atlas.Secret) map[string]atlas.Secret {
	folded := make(map[string]atlas.Secret, len(headers))
	for name, value := range headers {
		folded[strings.ToLower(name)] = value
	}
	return folded
}

// raw compares the members that are given. Values from Secrets are not compared.
func (d *differences) raw(want *v1alpha1.StreamConnectionSpec, have map[string]any) {
	secret := make([]string, 0, len(want.RawSecretRefs))
	for _, reference := range want.RawSecretRefs {
		secret = append(secret, "raw."+reference.Path)
	}
	for _, path := range raw.Differences("raw", raw.Of(want.Raw, connectionMembers), have, false, secret...) {
		d.add(path, "")
	}
}

func sorted(items []string) string { return strings.Join(slices.Sorted(slices.Values(items)), ",") }

// normalServers makes lists of brokers equal that differ in order, white space or letter case.
func normalServers(servers string) string {
	return sorted(strings.FieldsFunc(strings.ToLower(servers), func(r rune) bool { return r == ',' || unicode.IsSpace(r) }))
}

// normalPEM ignores line ends and what stands around certificates.
func normalPEM(pem string) string { return strings.TrimSpace(certificateText(pem)) }
