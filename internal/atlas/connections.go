package atlas

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
)

// Connection is an entry of a workspace's connection registry as Atlas returns it, and the body of a
// create or an update. The members that are set depend on Type. Atlas never returns passwords and keys.
//
// In a request ID and State are empty. Name and Type are always sent, other members if they are not
// empty.
type Connection struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Type string `json:"type"`
	// Region is sent on creation only.
	Region string `json:"region"`
	// State is PENDING, READY, DELETING or FAILED; empty in the response to an update.
	State string `json:"state"`

	ClusterName      string  `json:"clusterName"`
	ClusterProjectID string  `json:"clusterGroupId"`
	DBRole           *DBRole `json:"dbRoleToExecute"`
	BootstrapServers string  `json:"bootstrapServers"`
	// Config replaces the whole map. Nil is not sent and keeps the current map, an empty map clears
	// it. The same applies to Headers.
	Config                       map[string]string             `json:"config"`
	KafkaAuthentication          *KafkaAuthentication          `json:"authentication"`
	KafkaSecurity                *KafkaSecurity                `json:"security"`
	URL                          string                        `json:"url"`
	Headers                      map[string]Secret             `json:"headers"`
	AWS                          *AWSConfig                    `json:"aws"`
	Azure                        *AzureConfig                  `json:"azure"`
	GCP                          *GCPConfig                    `json:"gcp"`
	SchemaRegistryProvider       string                        `json:"provider"`
	SchemaRegistryURLs           []string                      `json:"schemaRegistryUrls,omitempty"`
	SchemaRegistryAuthentication *SchemaRegistryAuthentication `json:"schemaRegistryAuthentication"`
	// Networking is sent under the member name that the type uses. PUBLIC is not sent for types
	// without networking.
	Networking *Networking `json:"networking"`
	// Raw holds all members of a connection whose type has no fields here. In a request it holds
	// members without a field: values of encoding/json, and Secrets. Fields take precedence over
	// members of the same name.
	Raw map[string]any `json:"-"`
}

// DBRole is the database role of a Cluster connection.
type DBRole struct {
	Role string `json:"role"`
	Type string `json:"type"`
}

// KafkaAuthentication configures how to log in to Kafka. Atlas never returns the Secret members.
type KafkaAuthentication struct {
	Mechanism                 string    `json:"mechanism"`
	Method                    string    `json:"method"`
	Username                  string    `json:"username"`
	Password                  Secret    `json:"password"`
	TokenEndpointURL          string    `json:"tokenEndpointUrl"`
	ClientID                  string    `json:"clientId"`
	ClientSecret              Secret    `json:"clientSecret"`
	Scope                     string    `json:"scope"`
	SASLOAuthBearerExtensions string    `json:"saslOauthbearerExtensions"`
	SSLCertificate            string    `json:"sslCertificate"`
	SSLKey                    Secret    `json:"sslKey"`
	SSLKeyPassword            Secret    `json:"sslKeyPassword"`
	AWS                       AWSConfig `json:"aws"`
}

// KafkaSecurity configures Kafka's transport security.
type KafkaSecurity struct {
	Protocol                string `json:"protocol"`
	BrokerPublicCertificate string `json:"brokerPublicCertificate"`
}

// AWSConfig is the AWS part of AWSLambda, S3 and AWSKinesisDataStreams connections, and of the
// authentication of Kafka. TestBucket applies to S3 only.
type AWSConfig struct {
	RoleARN    string `json:"roleArn"`
	TestBucket string `json:"testBucket"`
}

// AzureConfig is the Azure part of AzureBlobStorage connections.
type AzureConfig struct {
	ServicePrincipalID string `json:"servicePrincipalId"`
	StorageAccountName string `json:"storageAccountName"`
	Region             string `json:"region"`
}

// GCPConfig is the Google Cloud part of GCPPubSub connections.
type GCPConfig struct {
	ServiceAccountID string `json:"serviceAccountId"`
}

// SchemaRegistryAuthentication configures how to log in to a schema registry.
type SchemaRegistryAuthentication struct {
	Type     string `json:"type"`
	Username string `json:"username"`
	Password Secret `json:"password"`
}

// Networking configures how Atlas reaches the external system.
type Networking struct {
	Access NetworkingAccess `json:"access"`
}

// NetworkingAccess is PUBLIC, VPC, PRIVATE_LINK or TRANSIT_GATEWAY by Type.
// ConnectionID is the ID of a PrivateLink.
type NetworkingAccess struct {
	Type         string `json:"type"`
	ConnectionID string `json:"connectionId"`
	Name         string `json:"name"`
	TGWRouteID   string `json:"tgwRouteId"`
}

// ListConnections reads every connection of a workspace, by its name. If counted is not nil, a read
// that costs fewer pages sets it: the list then does not prove the absence of an object.
func (c *Client) ListConnections(ctx context.Context, projectID, workspace string, counted *bool) (map[string]*Connection, error) {
	call := streamsCall("ListConnections", http.MethodGet, connectionPath(projectID, workspace))
	return list[Connection](ctx, c, call, counted)
}

// GetConnection reads one connection by its name.
func (c *Client) GetConnection(ctx context.Context, projectID, workspace, name string) (Connection, error) {
	call := streamsCall("GetConnection", http.MethodGet, connectionPath(projectID, workspace, name))
	return one[Connection](ctx, c, call)
}

// CreateConnection creates a connection. Do not run writes to one workspace concurrently: Atlas
// mixes them up.
func (c *Client) CreateConnection(ctx context.Context, projectID, workspace string, connection Connection) (Connection, error) {
	call := streamsCall("CreateConnection", http.MethodPost, connectionPath(projectID, workspace))
	return one[Connection](ctx, c, call.with(connection.object()))
}

// UpdateConnection changes a connection. Members that are not sent keep their value. Cleared are
// members that are sent as null, because they are empty in connection but set in Atlas: dotted wire
// names ("authentication.scope", "clusterGroupId").
func (c *Client) UpdateConnection(ctx context.Context, projectID, workspace, name string, connection Connection, cleared ...string) (Connection, error) {
	call := streamsCall("UpdateConnection", http.MethodPatch, connectionPath(projectID, workspace, name))
	connection.Name = cmp.Or(connection.Name, name)
	connection.Region = "" // it is immutable, and Atlas returns it under another name
	return one[Connection](ctx, c, call.with(connection.object(cleared...)))
}

// DeleteConnection starts the deletion, which continues after the response. The object is deleted
// once reading it fails with IsNotFound.
func (c *Client) DeleteConnection(ctx context.Context, projectID, workspace, name string) error {
	call := streamsCall("DeleteConnection", http.MethodDelete, connectionPath(projectID, workspace, name))
	return c.do(ctx, call, anything)
}

// Workspace is a stream workspace, formerly called stream instance, and tenant in the API.
type Workspace struct {
	Name              string `json:"name"`
	DataProcessRegion `json:"dataProcessRegion"`
}

// DataProcessRegion is where a workspace processes data. Regions have Atlas's names (VIRGINIA_USA).
type DataProcessRegion struct {
	CloudProvider string `json:"cloudProvider"`
	Region        string `json:"region"`
}

// Key returns the name.
func (w Workspace) Key() string { return w.Name }

// GetWorkspace reads a stream workspace by its name.
func (c *Client) GetWorkspace(ctx context.Context, projectID, workspace string) (Workspace, error) {
	return one[Workspace](ctx, c, streamsCall("GetWorkspace", http.MethodGet, workspacePath(projectID, workspace)))
}

// staticStreamsPaths are resources with a fixed path where workspace names are expected. A
// workspace of such a name is unreachable.
var staticStreamsPaths = []string{
	"privateLinkConnections", "accountDetails", "vpcPeeringConnections", "activeVpcPeeringConnections",
}

func workspacePath(projectID, workspace string) path {
	p := streamsPath(projectID).segments("workspace name", workspace)
	if slices.Contains(staticStreamsPaths, workspace) {
		p.err = errors.Join(p.err, fmt.Errorf("%q cannot be a workspace name: Atlas has another resource in its place", workspace))
	}
	return p
}

func connectionPath(projectID, workspace string, name ...string) path {
	return workspacePath(projectID, workspace).join("connections").segments("connection name", name...)
}
