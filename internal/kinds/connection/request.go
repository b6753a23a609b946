package connection

import (
	"cmp"
	"encoding/pem"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/sets"

	"github.com/atlasstreams/operator/api/v1alpha1"
	"github.com/atlasstreams/operator/internal/atlas"
	"github.com/atlasstreams/operator/internal/credentials"
	"github.com/atlasstreams/operator/internal/kinds/raw"
	"github.com/atlasstreams/operator/internal/lifecycle/decision"
)

// connectionRequest is what is sent for a connection: everything that the spec says, with all secrets. LinkID is the
// Atlas id of the private link that it refers to.
func connectionRequest(c *v1alpha1.StreamConnection, linkID string, values referred) atlas.Connection {
	spec := &c.Spec
	request := atlas.Connection{
		Name: c.AtlasName(), Type: string(spec.Type), Region: spec.Region,
		Networking: networkingRequest(spec.Networking, linkID),
	}
	switch {
	case spec.Cluster != nil:
		request.ClusterName, request.DBRole = spec.Cluster.ClusterName, new(atlas.DBRole(spec.Cluster.DBRoleToExecute))
		if spec.Cluster.ClusterProjectID != spec.ProjectID {
			request.ClusterProjectID = spec.Cluster.ClusterProjectID
		}
	case spec.Kafka != nil:
		addKafka(&request, spec, values)
	case spec.HTTPS != nil:
		request.URL, request.Headers = spec.HTTPS.URL, headersRequest(spec.HTTPS, values)
	case spec.AWSLambda != nil:
		request.AWS = &atlas.AWSConfig{RoleARN: spec.AWSLambda.RoleARN}
	case spec.S3 != nil:
		request.AWS = new(atlas.AWSConfig(*spec.S3))
	case spec.AWSKinesisDataStreams != nil:
		request.AWS = &atlas.AWSConfig{RoleARN: spec.AWSKinesisDataStreams.RoleARN}
	case spec.SchemaRegistry != nil:
		registry, login := spec.SchemaRegistry, spec.SchemaRegistry.Authentication
		request.SchemaRegistryProvider, request.SchemaRegistryURLs = registry.Provider, registry.URLs
		request.SchemaRegistryAuthentication = &atlas.SchemaRegistryAuthentication{
			Type: login.Type, Username: login.Username, Password: secretOf(values, login.PasswordSecretRef),
		}
	case spec.AzureBlobStorage != nil:
		request.Azure = &atlas.AzureConfig{ServicePrincipalID: spec.AzureBlobStorage.ServicePrincipalID, StorageAccountName: spec.AzureBlobStorage.StorageAccountName}
	case spec.GCPPubSub != nil:
		request.GCP = new(atlas.GCPConfig(*spec.GCPPubSub))
	case spec.Raw != nil:
		request.Raw = rawRequest(spec, values)
	}
	return request
}

// networkingRequest leaves PUBLIC out: it is what Atlas does by itself.
func networkingRequest(networking *v1alpha1.ConnectionNetworking, linkID string) *atlas.Networking {
	if networking == nil || networking.Type == "" || networking.Type == v1alpha1.NetworkingPublic {
		return nil
	}
	access := atlas.NetworkingAccess{Type: string(networking.Type), ConnectionID: networking.ConnectionID, TGWRouteID: networking.TGWRouteID}
	if networking.PrivateLinkRef != nil {
		access.ConnectionID = linkID
	}
	return &atlas.Networking{Access: access}
}

func addKafka(request *atlas.Connection, spec *v1alpha1.StreamConnectionSpec, values referred) {
	kafka := spec.Kafka
	request.BootstrapServers = kafka.BootstrapServers
	request.Config = make(map[string]string, len(kafka.Config))
	for key, value := range kafka.Config {
		request.Config[key] = string(value)
	}
	certificate, key, broker := pemValues(spec, "", values)
	if a := kafka.Authentication; a != nil {
		request.KafkaAuthentication = &atlas.KafkaAuthentication{
			Mechanism: a.Mechanism, Method: a.Method, Username: a.Username,
			Password:         secretOf(values, a.PasswordSecretRef),
			TokenEndpointURL: a.TokenEndpointURL, ClientID: a.ClientID,
			ClientSecret: secretOf(values, a.ClientSecretRef),
			Scope:        a.Scope, SASLOAuthBearerExtensions: a.SASLOAuthBearerExtensions,
			SSLCertificate: certificateText(certificate.text),
			SSLKey:         atlas.NewSecret(mendedPEM(key.text)),
			SSLKeyPassword: secretOf(values, a.SSLKeyPasswordSecretRef),
			AWS:            atlas.AWSConfig{RoleARN: a.AWSRoleARN},
		}
	}
	if s := kafka.Security; s != nil {
		request.KafkaSecurity = &atlas.KafkaSecurity{Protocol: s.Protocol, BrokerPublicCertificate: certificateText(broker.text)}
	}
}

func secretOf(values referred, reference *v1alpha1.SecretKeyReference) atlas.Secret {
	r := cmp.Or(reference, &v1alpha1.SecretKeyReference{})
	return atlas.NewSecret(values.values[credentials.KindSecret+"/"+r.Name][r.Key])
}

// connectionMembers are the members of raw that are fields of the spec, or that Atlas assigns: they are neither sent nor
// compared.
var connectionMembers = []string{"id", "_id", "state", "name", "type", "region", "networking", "publicPrivateNetworking"}

// rawRequest are the members that are sent, with values from Secrets. What is on their way and is no object is replaced.
func rawRequest(spec *v1alpha1.StreamConnectionSpec, values referred) map[string]any {
	members := raw.Of(spec.Raw, connectionMembers)
	if members == nil {
		return nil
	}
	for _, reference := range spec.RawSecretRefs {
		inner, path := members, strings.Split(reference.Path, ".")
		for _, name := range path[:len(path)-1] {
			if _, ok := inner[name].(map[string]any); !ok {
				inner[name] = map[string]any{}
			}
			inner = inner[name].(map[string]any)
		}
		inner[path[len(path)-1]] = secretOf(values, &reference.SecretKeyRef)
	}
	return members
}

// headersRequest is never nil: the headers are ours, and what is in neither place is removed. A header of the Secret
// replaces one of the spec in any letter case.
func headersRequest(https *v1alpha1.HTTPSConnection, values referred) map[string]atlas.Secret {
	headers := make(map[string]atlas.Secret, len(https.Headers))
	for name, value := range https.Headers {
		headers[name] = atlas.NewSecret(string(value))
	}
	ofSecret := cmp.Or(https.HeadersSecretRef, &v1alpha1.LocalReference{}).Name
	for name, value := range values.values[credentials.KindSecret+"/"+ofSecret] {
		maps.DeleteFunc(headers, func(other string, _ atlas.Secret) bool { return strings.EqualFold(other, name) })
		headers[name] = atlas.NewSecret(value)
	}
	return headers
}

// mendedPEM has the line ends that PEM readers expect, and no byte order marks, of which a file that was put together
// from others may have several.
var mendedPEM = strings.NewReplacer("\uFEFF", "", "\r\n", "\n", "\r", "\n").Replace

func blocksOf(text string, types ...string) (blocks []*pem.Block) {
	block, rest := pem.Decode([]byte(mendedPEM(text)))
	for block != nil {
		if slices.Contains(types, block.Type) {
			blocks = append(blocks, block)
		}
		block, rest = pem.Decode(rest)
	}
	return blocks
}

const (
	typeCertificate  = "CERTIFICATE"
	beginCertificate = "-----BEGIN CERTIFICATE-----"
)

// certificateText is what Atlas gets of a text with certificates: these, and nothing that stands around them.
func certificateText(text string) string {
	var out strings.Builder
	for _, block := range blocksOf(text, typeCertificate) {
		_ = pem.Encode(&out, &pem.Block{Type: typeCertificate, Bytes: block.Bytes}) // a Builder does not fail
	}
	if out.Len() == 0 {
		return mendedPEM(text)
	}
	return out.String()
}

// honouredKafkaConfig are the keys of config that Atlas's manual lists, of producers and consumers. Others are ignored.
var honouredKafkaConfig = sets.New(
	"acks", "batch.size", "client.dns.lookup", "client.id", "compression.type", "connections.max.idle.ms", "delivery.timeout.ms",
	"enable.idempotence", "linger.ms", "max.in.flight.requests.per.connection", "message.max.bytes", "queue.buffering.max.messages",
	"request.timeout.ms", "retries", "transactional.id",
	"allow.auto.create.topics", "auto.offset.reset", "fetch.max.bytes", "fetch.min.bytes", "group.id", "heartbeat.interval.ms",
	"isolation.level", "max.partition.fetch.bytes", "max.poll.interval.ms", "session.timeout.ms",
)

// configWarnings are about keys that Atlas accepts and ignores.
func configWarnings(spec *v1alpha1.StreamConnectionSpec) []string {
	kafka := cmp.Or(spec.Kafka, &v1alpha1.KafkaConnection{})
	ignored := sets.List(sets.KeySet(kafka.Config).Difference(honouredKafkaConfig))
	if len(ignored) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("Atlas ignores these keys of kafka.config: %s. Correct their spelling, or remove them.", decision.Listed(ignored))}
}
