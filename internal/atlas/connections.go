package atlas

import (
	"context"
	"errors"
	"iter"
	"net/http"
)

// Connection is an entry of a workspace's connection registry as Atlas reports
// it. Which members are set follows from Type. Passwords and keys are never
// reported.
type Connection struct {
	ID     string
	Name   string
	Type   string
	Region string
	// State is PENDING, READY, DELETING or FAILED; empty in the answer to an
	// update.
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
	// Raw are all members of a connection whose type has no fields here.
	Raw map[string]any
}

// ConnectionRequest is what a connection is created from or updated to. Name
// and Type are always sent, other members when they are not empty.
type ConnectionRequest struct {
	Name string
	Type string
	// Region is sent on creation only.
	Region string

	ClusterName      string
	ClusterProjectID string
	DBRole           *DBRole
	BootstrapServers string
	// Config replaces the whole map: nil is not sent and leaves it as it is, an
	// empty map is sent and clears it. Headers likewise.
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
	// Networking goes out under the member that the type takes. PUBLIC is not
	// sent for types that take none.
	Networking *Networking
	// Raw are members that have no field. Their values are those of
	// encoding/json, and Secrets. Fields win over members of the same name.
	Raw map[string]any

	// ClearFields names members, as they are called on the wire and dotted
	// ("authentication.scope", "clusterGroupId"), that an update sends as null
	// because they are empty here and not in Atlas.
	ClearFields []string
}

// DBRole is the role by which a Cluster connection reads and writes.
type DBRole struct{ Role, Type string }

// KafkaAuthentication says how to log in to Kafka. The Secret members are sent
// and never reported.
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

// KafkaSecurity is Kafka's transport security.
type KafkaSecurity struct{ Protocol, BrokerPublicCertificate string }

// AWSConfig is the AWS part of AWSLambda, S3 and AWSKinesisDataStreams
// connections; TestBucket belongs to S3.
type AWSConfig struct{ RoleARN, TestBucket string }

// AzureConfig is the Azure part of AzureBlobStorage connections.
type AzureConfig struct{ ServicePrincipalID, StorageAccountName, Region string }

// GCPConfig is the Google Cloud part of GCPPubSub connections.
type GCPConfig struct{ ServiceAccountID string }

// SchemaRegistryAuthentication says how to log in to a schema registry.
type SchemaRegistryAuthentication struct {
	Type     string
	Username string
	Password Secret
}

// Networking says how Atlas reaches the other side.
type Networking struct{ Access NetworkingAccess }

// NetworkingAccess is PUBLIC, VPC, PRIVATE_LINK or TRANSIT_GATEWAY by Type.
// ConnectionID is the ID of a PrivateLink.
type NetworkingAccess struct{ Type, ConnectionID, Name, TGWRouteID string }

// ListConnections yields every connection of a workspace. An error is yielded
// once, as the last pair; a range that ends without one was complete.
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

// CreateConnection creates a connection. Writes to one workspace must not run
// side by side: Atlas mixes them up.
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

// UpdateConnection changes a connection: what is not sent stays as it is.
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

// DeleteConnection asks for the deletion, which goes on after the answer: the
// object is gone when reading it is IsNotFound.
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
