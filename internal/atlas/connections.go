package atlas

import (
	"context"
	"errors"
	"iter"
	"net/http"
)

// Connection is an entry of a workspace's connection registry as Atlas returns it. The members that
// are set depend on Type. Atlas never returns passwords and keys.
type Connection struct {
	ID     string
	Name   string
	Type   string
	Region string
	// State is PENDING, READY, DELETING or FAILED; empty in the response to an update.
	State string

	ClusterName                  string
	ClusterProjectID             string
	DBRole                       *DBRole
	BootstrapServers             string
	Config                       map[string]string
	KafkaAuthentication          *KafkaAuthentication
	KafkaSecurity                *KafkaSecurity
	URL                          string
	Headers                      map[string]Secret
	AWS                          *AWSConfig
	Azure                        *AzureConfig
	GCP                          *GCPConfig
	SchemaRegistryProvider       string
	SchemaRegistryURLs           []string
	SchemaRegistryAuthentication *SchemaRegistryAuthentication
	Networking                   *Networking
	// Raw holds all members of a connection whose type has no fields here.
	Raw map[string]any
}

// ConnectionRequest is the body of a create or an update. Name and Type are always sent, other
// members if they are not empty.
type ConnectionRequest struct {
	Name string
	Type string
	// Region is sent on creation only.
	Region string

	ClusterName      string
	ClusterProjectID string
	DBRole           *DBRole
	BootstrapServers string
	// Config replaces the whole map. Nil is omitted and keeps the current map, an empty map clears
	// it. The same applies to Headers.
	Config                       map[string]string
	KafkaAuthentication          *KafkaAuthentication
	KafkaSecurity                *KafkaSecurity
	URL                          string
	Headers                      map[string]Secret
	AWS                          *AWSConfig
	Azure                        *AzureConfig
	GCP                          *GCPConfig
	SchemaRegistryProvider       string
	SchemaRegistryURLs           []string
	SchemaRegistryAuthentication *SchemaRegistryAuthentication
	// Networking is sent under the member name that the type uses. PUBLIC is not sent for types
	// without networking.
	Networking *Networking
	// Raw holds members without a field. Values are those of encoding/json, and Secrets. Fields
	// take precedence over members of the same name.
	Raw map[string]any

	// ClearFields lists members that an update sends as null, because they are empty here but set
	// in Atlas. The names are dotted wire names ("authentication.scope", "clusterGroupId").
	ClearFields []string
}

// DBRole is the database role of a Cluster connection.
type DBRole struct{ Role, Type string }

// KafkaAuthentication configures how to log in to Kafka. Atlas never returns the Secret members.
type KafkaAuthentication struct {
	Mechanism                 string
	Method                    string
	Username                  string
	Password                  Secret
	TokenEndpointURL          string
	ClientID                  string
	ClientSecret              Secret
	Scope                     string
	SASLOAuthBearerExtensions string
	SSLCertificate            string
	SSLKey                    Secret
	SSLKeyPassword            Secret
	AWSRoleARN                string
}

// KafkaSecurity configures Kafka's transport security.
type KafkaSecurity struct{ Protocol, BrokerPublicCertificate string }

// AWSConfig is the AWS part of AWSLambda, S3 and AWSKinesisDataStreams connections. TestBucket
// applies to S3 only.
type AWSConfig struct{ RoleARN, TestBucket string }

// AzureConfig is the Azure part of AzureBlobStorage connections.
type AzureConfig struct{ ServicePrincipalID, StorageAccountName, Region string }

// GCPConfig is the Google Cloud part of GCPPubSub connections.
type GCPConfig struct{ ServiceAccountID string }

// SchemaRegistryAuthentication configures how to log in to a schema registry.
type SchemaRegistryAuthentication struct {
	Type     string
	Username string
	Password Secret
}

// Networking configures how Atlas reaches the external system.
type Networking struct{ Access NetworkingAccess }

// NetworkingAccess is PUBLIC, VPC, PRIVATE_LINK or TRANSIT_GATEWAY by Type.
// ConnectionID is the ID of a PrivateLink.
type NetworkingAccess struct{ Type, ConnectionID, Name, TGWRouteID string }

// ListConnections yields every connection of a workspace. An error is yielded once, as the last
// pair; without an error the list is complete.
func (c *Client) ListConnections(ctx context.Context, projectID, workspace string, opts ...ListOption) iter.Seq2[Connection, error] {
	return list(ctx, c, call{
		operation: "ListConnections",
		path:      connectionPath(projectID, workspace),
		accept:    media20230201,
	}.with(opts), connectionWire.connection)
}

// GetConnection reads one connection by its name.
func (c *Client) GetConnection(ctx context.Context, projectID, workspace, name string) (Connection, error) {
	return one(ctx, c, call{
		operation: "GetConnection",
		method:    http.MethodGet,
		path:      connectionPath(projectID, workspace, name),
		accept:    media20230201,
	}, connectionWire.connection)
}

// CreateConnection creates a connection. Do not run writes to one workspace concurrently: Atlas
// mixes them up.
func (c *Client) CreateConnection(ctx context.Context, projectID, workspace string, req ConnectionRequest) (Connection, error) {
	body, err := req.forCreate()
	return one(ctx, c, call{
		operation: "CreateConnection",
		method:    http.MethodPost,
		path:      connectionPath(projectID, workspace),
		accept:    media20230201,
		body:      body,
		invalid:   err,
	}, connectionWire.connection)
}

// UpdateConnection changes a connection. Members that are not sent keep their value.
func (c *Client) UpdateConnection(ctx context.Context, projectID, workspace, name string, req ConnectionRequest) (Connection, error) {
	body, err := req.forUpdate(name)
	return one(ctx, c, call{
		operation: "UpdateConnection",
		method:    http.MethodPatch,
		path:      connectionPath(projectID, workspace, name),
		accept:    media20230201,
		body:      body,
		invalid:   err,
	}, connectionWire.connection)
}

// DeleteConnection starts the deletion, which continues after the response. The object is deleted
// once reading it fails with IsNotFound.
func (c *Client) DeleteConnection(ctx context.Context, projectID, workspace, name string) error {
	return c.do(ctx, call{
		operation: "DeleteConnection",
		method:    http.MethodDelete,
		path:      connectionPath(projectID, workspace, name),
		accept:    media20230201,
	}, anything)
}

func connectionPath(projectID, workspace string, name ...string) path {
	return workspacePath(projectID, workspace).join("connections").segments("connection name", name...)
}

var errNoNameOrType = errors.New("a connection needs a name and a type")
