package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// ConnectionType is the type of a stream connection, as Atlas spells it: one of those below, or one that this version
// does not know.
// +kubebuilder:validation:Pattern=`^[A-Za-z][A-Za-z0-9_]{0,63}$`
// +kubebuilder:validation:MaxLength=64
// +kubebuilder:validation:XValidation:rule=`self in ['Sample', 'Cluster', 'Kafka', 'Https', 'AWSLambda', 'S3', 'AWSKinesisDataStreams', 'SchemaRegistry', 'AzureBlobStorage', 'GCPPubSub'] || !(self.lowerAscii() in ['sample', 'cluster', 'kafka', 'https', 'awslambda', 's3', 'awskinesisdatastreams', 'schemaregistry', 'azureblobstorage', 'gcppubsub'])`,message="Atlas writes this type in another case: choose Sample, Cluster, Kafka, Https, AWSLambda, S3, AWSKinesisDataStreams, SchemaRegistry, AzureBlobStorage or GCPPubSub"
type ConnectionType string

// The connection types that this version knows.
const (
	TypeSample                ConnectionType = "Sample"
	TypeCluster               ConnectionType = "Cluster"
	TypeKafka                 ConnectionType = "Kafka"
	TypeHTTPS                 ConnectionType = "Https"
	TypeAWSLambda             ConnectionType = "AWSLambda"
	TypeS3                    ConnectionType = "S3"
	TypeAWSKinesisDataStreams ConnectionType = "AWSKinesisDataStreams"
	TypeSchemaRegistry        ConnectionType = "SchemaRegistry"
	TypeAzureBlobStorage      ConnectionType = "AzureBlobStorage"
	TypeGCPPubSub             ConnectionType = "GCPPubSub"
)

// StreamConnectionSpec describes one connection in the connection registry of a stream workspace: `type`, and the
// one member that fits it.
//
// +kubebuilder:validation:XValidation:rule="self.type == oldSelf.type",message="type cannot be changed: create a new StreamConnection with another name",fieldPath=".type"
// +kubebuilder:validation:XValidation:rule="self.workspaceName == oldSelf.workspaceName",message="workspaceName cannot be changed: create a new StreamConnection for the other workspace",fieldPath=".workspaceName"
// +kubebuilder:validation:XValidation:rule="(has(self.region) == has(oldSelf.region) && (!has(self.region) || self.region == oldSelf.region))",message="region cannot be changed: create a new StreamConnection with another name",fieldPath=".region"
// +kubebuilder:validation:XValidation:rule="self.type != 'Sample' || has(self.name) || oldSelf == optional.of(self)",optionalOldSelf=true,message="type Sample needs spec.name, the sample source, for example sample_stream_solar",fieldPath=".name"
// +kubebuilder:validation:XValidation:rule="!has(self.cluster) || self.type == 'Cluster' || oldSelf == optional.of(self)",optionalOldSelf=true,message="cluster is only for type Cluster: remove it, or set type to Cluster"
// +kubebuilder:validation:XValidation:rule="self.type != 'Cluster' || has(self.cluster) || self.managementPolicy == 'Observe' || oldSelf == optional.of(self)",optionalOldSelf=true,message="type Cluster needs the member cluster: add spec.cluster"
// +kubebuilder:validation:XValidation:rule="!has(self.kafka) || self.type == 'Kafka' || oldSelf == optional.of(self)",optionalOldSelf=true,message="kafka is only for type Kafka: remove it, or set type to Kafka"
// +kubebuilder:validation:XValidation:rule="self.type != 'Kafka' || has(self.kafka) || self.managementPolicy == 'Observe' || oldSelf == optional.of(self)",optionalOldSelf=true,message="type Kafka needs the member kafka: add spec.kafka"
// +kubebuilder:validation:XValidation:rule="!has(self.https) || self.type == 'Https' || oldSelf == optional.of(self)",optionalOldSelf=true,message="https is only for type Https: remove it, or set type to Https"
// +kubebuilder:validation:XValidation:rule="self.type != 'Https' || has(self.https) || self.managementPolicy == 'Observe' || oldSelf == optional.of(self)",optionalOldSelf=true,message="type Https needs the member https: add spec.https"
// +kubebuilder:validation:XValidation:rule="!has(self.awsLambda) || self.type == 'AWSLambda' || oldSelf == optional.of(self)",optionalOldSelf=true,message="awsLambda is only for type AWSLambda: remove it, or set type to AWSLambda"
// +kubebuilder:validation:XValidation:rule="self.type != 'AWSLambda' || has(self.awsLambda) || self.managementPolicy == 'Observe' || oldSelf == optional.of(self)",optionalOldSelf=true,message="type AWSLambda needs the member awsLambda: add spec.awsLambda"
// +kubebuilder:validation:XValidation:rule="!has(self.s3) || self.type == 'S3' || oldSelf == optional.of(self)",optionalOldSelf=true,message="s3 is only for type S3: remove it, or set type to S3"
// +kubebuilder:validation:XValidation:rule="self.type != 'S3' || has(self.s3) || self.managementPolicy == 'Observe' || oldSelf == optional.of(self)",optionalOldSelf=true,message="type S3 needs the member s3: add spec.s3"
// +kubebuilder:validation:XValidation:rule="!has(self.awsKinesisDataStreams) || self.type == 'AWSKinesisDataStreams' || oldSelf == optional.of(self)",optionalOldSelf=true,message="awsKinesisDataStreams is only for type AWSKinesisDataStreams: remove it, or set type to AWSKinesisDataStreams"
// +kubebuilder:validation:XValidation:rule="self.type != 'AWSKinesisDataStreams' || has(self.awsKinesisDataStreams) || self.managementPolicy == 'Observe' || oldSelf == optional.of(self)",optionalOldSelf=true,message="type AWSKinesisDataStreams needs the member awsKinesisDataStreams: add spec.awsKinesisDataStreams"
// +kubebuilder:validation:XValidation:rule="!has(self.schemaRegistry) || self.type == 'SchemaRegistry' || oldSelf == optional.of(self)",optionalOldSelf=true,message="schemaRegistry is only for type SchemaRegistry: remove it, or set type to SchemaRegistry"
// +kubebuilder:validation:XValidation:rule="self.type != 'SchemaRegistry' || has(self.schemaRegistry) || self.managementPolicy == 'Observe' || oldSelf == optional.of(self)",optionalOldSelf=true,message="type SchemaRegistry needs the member schemaRegistry: add spec.schemaRegistry"
// +kubebuilder:validation:XValidation:rule="!has(self.azureBlobStorage) || self.type == 'AzureBlobStorage' || oldSelf == optional.of(self)",optionalOldSelf=true,message="azureBlobStorage is only for type AzureBlobStorage: remove it, or set type to AzureBlobStorage"
// +kubebuilder:validation:XValidation:rule="self.type != 'AzureBlobStorage' || has(self.azureBlobStorage) || self.managementPolicy == 'Observe' || oldSelf == optional.of(self)",optionalOldSelf=true,message="type AzureBlobStorage needs the member azureBlobStorage: add spec.azureBlobStorage"
// +kubebuilder:validation:XValidation:rule="!has(self.gcpPubSub) || self.type == 'GCPPubSub' || oldSelf == optional.of(self)",optionalOldSelf=true,message="gcpPubSub is only for type GCPPubSub: remove it, or set type to GCPPubSub"
// +kubebuilder:validation:XValidation:rule="self.type != 'GCPPubSub' || has(self.gcpPubSub) || self.managementPolicy == 'Observe' || oldSelf == optional.of(self)",optionalOldSelf=true,message="type GCPPubSub needs the member gcpPubSub: add spec.gcpPubSub"
// +kubebuilder:validation:XValidation:rule="!has(self.networking) || !(self.networking.type in ['VPC', 'TRANSIT_GATEWAY']) || self.type in ['Kafka', 'S3', 'AWSKinesisDataStreams'] || has(self.raw) || oldSelf == optional.of(self)",optionalOldSelf=true,message="networking.type VPC and TRANSIT_GATEWAY are only for the types Kafka, S3 and AWSKinesisDataStreams: use PUBLIC, or leave networking out"
// +kubebuilder:validation:XValidation:rule="!has(self.networking) || self.networking.type != 'PRIVATE_LINK' || self.type in ['Kafka', 'S3', 'AWSKinesisDataStreams', 'AWSLambda', 'AzureBlobStorage', 'GCPPubSub'] || has(self.raw) || oldSelf == optional.of(self)",optionalOldSelf=true,message="networking.type PRIVATE_LINK is only for the types Kafka, S3, AWSKinesisDataStreams, AWSLambda, AzureBlobStorage and GCPPubSub: use PUBLIC, or leave networking out"
// +kubebuilder:validation:XValidation:rule=`self.type.lowerAscii() in ['sample', 'cluster', 'kafka', 'https', 'awslambda', 's3', 'awskinesisdatastreams', 'schemaregistry', 'azureblobstorage', 'gcppubsub'] || has(self.raw) || self.managementPolicy == 'Observe' || oldSelf == optional.of(self)`,optionalOldSelf=true,message="this version has no member for the type: choose Sample, Cluster, Kafka, Https, AWSLambda, S3, AWSKinesisDataStreams, SchemaRegistry, AzureBlobStorage or GCPPubSub, or add raw with the members that Atlas needs for it",fieldPath=".type"
// +kubebuilder:validation:XValidation:rule=`(oldSelf.hasValue() && has(oldSelf.value().raw) && oldSelf.value().type in ['Sample', 'Cluster', 'Kafka', 'Https', 'AWSLambda', 'S3', 'AWSKinesisDataStreams', 'SchemaRegistry', 'AzureBlobStorage', 'GCPPubSub']) || !has(self.raw) || !(self.type in ['Sample', 'Cluster', 'Kafka', 'Https', 'AWSLambda', 'S3', 'AWSKinesisDataStreams', 'SchemaRegistry', 'AzureBlobStorage', 'GCPPubSub']) || oldSelf == optional.of(self)`,optionalOldSelf=true,message="raw is only for types that have no member of their own: remove raw and use the member",fieldPath=".raw"
// +kubebuilder:validation:XValidation:rule=`!has(self.rawSecretRefs) || has(self.raw) || oldSelf == optional.of(self)`,optionalOldSelf=true,message="rawSecretRefs are added to raw: add raw, if only as {}, or remove rawSecretRefs",fieldPath=".rawSecretRefs"
type StreamConnectionSpec struct {
	ManagedSpec `json:",inline"`

	// adoptionSecrets says what happens to secrets when a connection that exists in Atlas is taken over: `Send`
	// (default) sends them once, because Atlas never returns them for a comparison; `Trust` takes what Atlas holds as
	// sent, so that the takeover changes nothing in Atlas. A Secret that changes later is sent in both cases.
	// +optional
	// +kubebuilder:default=Send
	AdoptionSecrets AdoptionSecrets `json:"adoptionSecrets,omitempty"`

	// workspaceName is the stream workspace (formerly stream processing instance) in whose connection registry the
	// connection lives. It cannot be changed.
	// +required
	// +kubebuilder:validation:Pattern=`^[a-zA-Z0-9_-]{1,64}$`
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule="!(self in ['privateLinkConnections', 'accountDetails', 'vpcPeeringConnections', 'activeVpcPeeringConnections'])",message="workspaceName is the name of a fixed path of the Atlas API, so such a workspace cannot be reached: use a workspace with another name"
	WorkspaceName string `json:"workspaceName"`

	// name of the connection in Atlas, which stream processors refer to; defaults to metadata.name. It cannot be
	// changed. For type Sample it selects the source, for example `sample_stream_solar`.
	// +optional
	// +kubebuilder:validation:Pattern=`^[a-zA-Z0-9._*-]{1,64}$`
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule=`self != '.' && self != '..'`,message="name is a part of a URL path, where . and .. have a meaning of their own: choose another name"
	Name string `json:"name,omitempty"`

	// region of the connection, sent to Atlas when it is created and never compared, because Atlas renames it. It
	// cannot be changed. Normally left out.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	Region string `json:"region,omitempty"`

	// type of the connection; it cannot be changed. Each type but `Sample` needs the member of the same name:
	// `Cluster` cluster, `Kafka` kafka, `Https` https, `AWSLambda` awsLambda, `S3` s3, `AWSKinesisDataStreams`
	// awsKinesisDataStreams, `SchemaRegistry` schemaRegistry, `AzureBlobStorage` azureBlobStorage, `GCPPubSub` gcpPubSub.
	// Any other type that Atlas has needs raw.
	// +required
	Type ConnectionType `json:"type"`

	// cluster: an Atlas cluster as source or sink (type Cluster).
	// +optional
	Cluster *ClusterConnection `json:"cluster,omitempty"`

	// kafka: an Apache Kafka cluster as source or sink (type Kafka).
	// +optional
	Kafka *KafkaConnection `json:"kafka,omitempty"`

	// https: an HTTP endpoint that processors call (type Https).
	// +optional
	HTTPS *HTTPSConnection `json:"https,omitempty"`

	// awsLambda: AWS Lambda functions that processors call (type AWSLambda).
	// +optional
	AWSLambda *AWSRoleConnection `json:"awsLambda,omitempty"`

	// s3: Amazon S3 buckets as sink (type S3).
	// +optional
	S3 *S3Connection `json:"s3,omitempty"`

	// awsKinesisDataStreams: Amazon Kinesis data streams as source or sink (type AWSKinesisDataStreams).
	// +optional
	AWSKinesisDataStreams *AWSRoleConnection `json:"awsKinesisDataStreams,omitempty"`

	// schemaRegistry: a schema registry for Avro messages (type SchemaRegistry).
	// +optional
	SchemaRegistry *SchemaRegistryConnection `json:"schemaRegistry,omitempty"`

	// azureBlobStorage: Azure Blob Storage as sink (type AzureBlobStorage).
	// +optional
	AzureBlobStorage *AzureBlobStorageConnection `json:"azureBlobStorage,omitempty"`

	// gcpPubSub: Google Cloud Pub/Sub as source or sink (type GCPPubSub).
	// +optional
	GCPPubSub *GCPPubSubConnection `json:"gcpPubSub,omitempty"`

	// raw holds the members of the request for a type that has no member of its own here, under the names that Atlas
	// gives them. They are sent as they are. name, type, region and networking are fields beside it and win over
	// members of these names. What Atlas holds is compared by the members given.
	// +optional
	// +kubebuilder:pruning:PreserveUnknownFields
	Raw *runtime.RawExtension `json:"raw,omitempty"`

	// rawSecretRefs take values of raw from Secrets: keep passwords and keys out of raw, which everybody who may read
	// this resource sees.
	// +optional
	// +listType=map
	// +listMapKey=path
	// +kubebuilder:validation:MaxItems=20
	// +kubebuilder:validation:XValidation:rule=`self.all(x, !self.exists(y, y.path.startsWith(x.path + '.')))`,message="one path lies within another: give each value a path of its own"
	RawSecretRefs []RawSecretReference `json:"rawSecretRefs,omitempty"`

	// networking is how Atlas reaches the service; left out it is public. Atlas cannot change it in place: an edit
	// makes the resource Stalled until you ask for the connection to be recreated.
	// +optional
	Networking *ConnectionNetworking `json:"networking,omitempty"`
}

// AdoptionSecrets says what happens to secrets when an existing connection is taken over.
// +kubebuilder:validation:Enum=Send;Trust
type AdoptionSecrets string

// What happens to secrets at a takeover.
const (
	// AdoptionSecretsSend sends them once.
	AdoptionSecretsSend AdoptionSecrets = "Send"
	// AdoptionSecretsTrust takes what Atlas holds as sent.
	AdoptionSecretsTrust AdoptionSecrets = "Trust"
)

// RawSecretReference is a value of raw that comes from a Secret.
type RawSecretReference struct {
	// path of the value in raw, with dots between the names of members, for example `authentication.clientSecret`.
	// Members on the way to it that raw lacks are added; what raw has at the path is replaced.
	// +required
	// +kubebuilder:validation:Pattern=`^[A-Za-z_][A-Za-z0-9_-]*([.][A-Za-z_][A-Za-z0-9_-]*)*$`
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule=`!self.matches('^(_?id|state|name|type|region|networking|publicPrivateNetworking)([.]|$)')`,message="path leads to a member that is a field of the spec or that Atlas assigns: use the field, or another path"
	Path string `json:"path"`

	// secretKeyRef is the Secret key with the value.
	// +required
	SecretKeyRef SecretKeyReference `json:"secretKeyRef"`
}

// ClusterConnection is an Atlas cluster.
type ClusterConnection struct {
	// clusterName in Atlas.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	ClusterName string `json:"clusterName"`

	// clusterProjectId is the project of the cluster, when it is not projectId. The organization must allow
	// cross-project stream connections.
	// +optional
	// +kubebuilder:validation:Pattern=`^[a-f0-9]{24}$`
	// +kubebuilder:validation:MaxLength=24
	ClusterProjectID string `json:"clusterProjectId,omitempty"`

	// dbRoleToExecute is the database role with which processors work on the cluster.
	// +required
	DBRoleToExecute DBRoleToExecute `json:"dbRoleToExecute"`
}

// DBRoleToExecute is a database role.
type DBRoleToExecute struct {
	// role is the name of the role: `readWriteAnyDatabase`, `readAnyDatabase`, `atlasAdmin`, or a custom role.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Role string `json:"role"`

	// type is `BUILT_IN` or `CUSTOM`.
	// +required
	// +kubebuilder:validation:Enum=BUILT_IN;CUSTOM
	Type string `json:"type"`
}

// KafkaConnection is an Apache Kafka cluster.
//
// +kubebuilder:validation:XValidation:rule=`!has(self.authentication) || has(self.authentication.mechanism) || (has(self.security) && self.security.protocol == 'SSL')`,message="authentication needs a mechanism unless security.protocol is SSL: set mechanism",fieldPath=".authentication.mechanism"
type KafkaConnection struct {
	// bootstrapServers is a comma-separated list of `host:port`.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=4096
	// +kubebuilder:validation:XValidation:rule=`(self + ',').matches('^( *([A-Za-z0-9_][A-Za-z0-9_.-]*|[[][0-9A-Fa-f:.]+[]]):([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]) *,)+$')`,message="bootstrapServers is a comma-separated list of brokers: write each as host:port without a scheme"
	BootstrapServers string `json:"bootstrapServers"`

	// config holds further Kafka client properties with dotted keys, for example `auto.offset.reset: earliest`. It
	// is the whole of them: what is not here is removed in Atlas. Every value is text: put numbers and booleans in
	// quotes, for example `linger.ms: "5"`.
	// +optional
	// +kubebuilder:validation:MaxProperties=100
	// +kubebuilder:validation:XValidation:rule=`self.all(k, !(k in ['sasl.jaas.config', 'sasl.oauthbearer.config', 'sasl.oauthbearer.client.secret', 'sasl.password', 'ssl.key.pem', 'ssl.key.password', 'ssl.keystore.key', 'ssl.keystore.password', 'ssl.truststore.password']))`,message="config is shown in the clear and takes no credentials such as sasl.jaas.config or ssl.key.password: put them into a Secret and refer to it in authentication by passwordSecretRef, clientSecretRef, sslKeySecretRef, sslKeyPasswordSecretRef or tlsSecretRef"
	// +kubebuilder:validation:XValidation:rule=`self.all(k, type(self[k]) == string)`,message="values of config are text: put numbers in quotes, for example linger.ms: \"5\""
	Config map[string]KafkaConfigValue `json:"config,omitempty"`

	// authentication towards the Kafka cluster.
	// +optional
	Authentication *KafkaAuthentication `json:"authentication,omitempty"`

	// security is how the connection is encrypted.
	// +optional
	Security *KafkaSecurity `json:"security,omitempty"`
}

// The schema takes integers, so that a rule can refuse them with a message that says what to do.

// KafkaConfigValue is the value of one Kafka property.
//
// +kubebuilder:validation:XIntOrString
// +kubebuilder:validation:Type=""
// +kubebuilder:validation:MaxLength=4096
type KafkaConfigValue string

// KafkaAuthentication is how Atlas authenticates towards a Kafka cluster.
//
// +kubebuilder:validation:XValidation:rule="!(self.?mechanism.orValue('SSL') in ['PLAIN', 'SCRAM-256', 'SCRAM-512']) || (has(self.username) && has(self.passwordSecretRef))",message="the mechanisms PLAIN, SCRAM-256 and SCRAM-512 need username and passwordSecretRef: set both"
// +kubebuilder:validation:XValidation:rule="self.?mechanism.orValue('SSL') != 'OAUTHBEARER' || (has(self.tokenEndpointUrl) && has(self.clientId) && has(self.clientSecretRef))",message="the mechanism OAUTHBEARER needs tokenEndpointUrl, clientId and clientSecretRef: set all three"
// +kubebuilder:validation:XValidation:rule="self.?mechanism.orValue('SSL') != 'SSL' || has(self.tlsSecretRef) || (has(self.sslCertificate) && has(self.sslKeySecretRef))",message="the mechanism SSL, or none, needs tlsSecretRef, or sslCertificate and sslKeySecretRef: set one of the two ways"
// +kubebuilder:validation:XValidation:rule="!has(self.tlsSecretRef) || !(has(self.sslCertificate) || has(self.sslKeySecretRef))",message="tlsSecretRef already holds certificate and key: remove sslCertificate and sslKeySecretRef, or remove tlsSecretRef"
// +kubebuilder:validation:XValidation:rule="self.?mechanism.orValue('SSL') != 'AWS_MSK_IAM' || has(self.awsRoleArn)",message="the mechanism AWS_MSK_IAM needs awsRoleArn: set it to a role that is registered in Atlas (cloud provider access)"
// +kubebuilder:validation:XValidation:rule=`!has(self.tokenEndpointUrl) || self.tokenEndpointUrl.matches('(?i)^https?://[^/?#[:space:]]+([/?#][^[:space:]]*)?$')`,message="tokenEndpointUrl is a URL of http or https: write https://HOST/PATH",fieldPath=".tokenEndpointUrl"
// +kubebuilder:validation:XValidation:rule=`!has(self.tokenEndpointUrl) || !self.tokenEndpointUrl.matches('^[^/?#]*//[^/?#]*@')`,message="tokenEndpointUrl must not carry user and password, which everybody who may read this resource sees: use clientId and clientSecretRef",fieldPath=".tokenEndpointUrl"
// +kubebuilder:validation:XValidation:rule=`!has(self.sslCertificate) || !self.sslCertificate.contains('PRIVATE KEY-----')`,message="sslCertificate holds a private key, which Atlas shows to all who may read the connection: put only the certificate here and the key into sslKeySecretRef",fieldPath=".sslCertificate"
type KafkaAuthentication struct {
	// mechanism: `PLAIN`, `SCRAM-256`, `SCRAM-512` (with username and passwordSecretRef), `OAUTHBEARER` (with
	// tokenEndpointUrl, clientId, clientSecretRef), `SSL` (mutual TLS, with tlsSecretRef or sslCertificate and
	// sslKeySecretRef) or `AWS_MSK_IAM` (with awsRoleArn). It may be left out where security.protocol is `SSL`: then
	// none is sent, and the rest is as for `SSL`.
	// +optional
	// +kubebuilder:validation:Enum=PLAIN;SCRAM-256;SCRAM-512;OAUTHBEARER;SSL;AWS_MSK_IAM
	Mechanism string `json:"mechanism,omitempty"`

	// method of OAUTHBEARER, for example `OIDC`.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	Method string `json:"method,omitempty"`

	// username for PLAIN and SCRAM.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	Username string `json:"username,omitempty"`

	// passwordSecretRef is the Secret key with the password for PLAIN and SCRAM.
	// +optional
	PasswordSecretRef *SecretKeyReference `json:"passwordSecretRef,omitempty"`

	// tokenEndpointUrl is where OAUTHBEARER gets its tokens.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	TokenEndpointURL string `json:"tokenEndpointUrl,omitempty"`

	// clientId for OAUTHBEARER.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	ClientID string `json:"clientId,omitempty"`

	// clientSecretRef is the Secret key with the client secret for OAUTHBEARER.
	// +optional
	ClientSecretRef *SecretKeyReference `json:"clientSecretRef,omitempty"`

	// scope for OAUTHBEARER.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	Scope string `json:"scope,omitempty"`

	// saslOauthbearerExtensions for OAUTHBEARER, for example `logicalCluster=lkc-123,identityPoolId=pool-456`.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=4096
	SASLOAuthBearerExtensions string `json:"saslOauthbearerExtensions,omitempty"`

	// sslCertificate is the client certificate (PEM) for mutual TLS.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=65536
	SSLCertificate string `json:"sslCertificate,omitempty"`

	// sslKeySecretRef is the Secret key with the private key (PEM) for mutual TLS.
	// +optional
	SSLKeySecretRef *SecretKeyReference `json:"sslKeySecretRef,omitempty"`

	// sslKeyPasswordSecretRef is the Secret key with the password of the private key.
	// +optional
	SSLKeyPasswordSecretRef *SecretKeyReference `json:"sslKeyPasswordSecretRef,omitempty"`

	// tlsSecretRef names a Secret of type kubernetes.io/tls: `tls.crt` and `tls.key` are used for mutual TLS.
	// +optional
	TLSSecretRef *LocalReference `json:"tlsSecretRef,omitempty"`

	// awsRoleArn is the IAM role for AWS_MSK_IAM, registered in Atlas under cloud provider access.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	// +kubebuilder:validation:XValidation:rule=`self.matches('^ *arn:aws[a-z-]*:iam::[0-9]{12}:role/[^[:space:]]+ *$')`,message="awsRoleArn is not the ARN of an IAM role: write arn:aws:iam::ACCOUNT:role/NAME"
	AWSRoleARN string `json:"awsRoleArn,omitempty"`
}

// KafkaSecurity is how a Kafka connection is encrypted.
//
// +kubebuilder:validation:XValidation:rule="!has(self.brokerPublicCertificate) || !has(self.brokerPublicCertificateRef)",message="brokerPublicCertificate and brokerPublicCertificateRef exclude each other: remove one"
// +kubebuilder:validation:XValidation:rule=`!has(self.brokerPublicCertificate) || !self.brokerPublicCertificate.contains('PRIVATE KEY-----')`,message="brokerPublicCertificate holds a private key, which Atlas shows to all who may read the connection: put only the certificate of the authority here",fieldPath=".brokerPublicCertificate"
type KafkaSecurity struct {
	// protocol: `SASL_SSL`, `SASL_PLAINTEXT`, `SSL` or `PLAINTEXT`. The two with PLAINTEXT send everything in the clear.
	// +required
	// +kubebuilder:validation:Enum=SASL_PLAINTEXT;SASL_SSL;SSL;PLAINTEXT
	Protocol string `json:"protocol"`

	// brokerPublicCertificate is the certificate (PEM) of a private authority that signed the brokers' certificates.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=65536
	BrokerPublicCertificate string `json:"brokerPublicCertificate,omitempty"`

	// brokerPublicCertificateRef takes that certificate from a Secret or ConfigMap.
	// +optional
	BrokerPublicCertificateRef *CertificateReference `json:"brokerPublicCertificateRef,omitempty"`
}

// HTTPSConnection is an HTTP endpoint.
//
// +kubebuilder:validation:XValidation:rule=`self.url.matches('(?i)^https?://[^/?#[:space:]]+([/?#][^[:space:]]*)?$')`,message="url is a URL of http or https: write https://HOST/PATH",fieldPath=".url"
// +kubebuilder:validation:XValidation:rule=`!self.url.matches('^[^/?#]*//[^/?#]*@')`,message="url must not carry user and password, which everybody who may read this resource sees: put an Authorization header into headersSecretRef",fieldPath=".url"
type HTTPSConnection struct {
	// url of the endpoint.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	URL string `json:"url"`

	// headers sent with each request. Put secret ones, such as Authorization, into headersSecretRef. Together they
	// are the whole of them: what is in neither is removed in Atlas.
	// +optional
	// +kubebuilder:validation:MaxProperties=100
	// +kubebuilder:validation:XValidation:rule=`self.all(k, k.matches(r'^[!#-\x27*+.0-9A-Z^-z|~-]+$'))`,message="names of headers are letters, digits and - _ . ! # $ % & ' * + ^ | ~ and the backquote: correct the name"
	// +kubebuilder:validation:XValidation:rule=`[self.map(k, k.lowerAscii())].all(l, l.all(x, l.exists_one(y, [x] == [y])))`,message="names of headers differ in more than their case: remove the repeated one"
	// +kubebuilder:validation:XValidation:rule=`self.all(k, !self[k].matches(r'[\x00-\x08\x0A-\x1F\x7F]'))`,message="values of headers have no line breaks and no other control characters: remove them"
	Headers map[string]HeaderValue `json:"headers,omitempty"`

	// headersSecretRef names a Secret of which every key is a header and its value the header's value. A header
	// that is also in headers, in any case, comes from the Secret.
	// +optional
	HeadersSecretRef *LocalReference `json:"headersSecretRef,omitempty"`
}

// HeaderValue is the value of one HTTP header.
// +kubebuilder:validation:MaxLength=4096
type HeaderValue string

// AWSRoleConnection is a service on AWS that is reached with an IAM role.
type AWSRoleConnection struct {
	// roleArn is the IAM role, registered in Atlas under cloud provider access.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	// +kubebuilder:validation:XValidation:rule=`self.matches('^ *arn:aws[a-z-]*:iam::[0-9]{12}:role/[^[:space:]]+ *$')`,message="roleArn is not the ARN of an IAM role: write arn:aws:iam::ACCOUNT:role/NAME"
	RoleARN string `json:"roleArn"`
}

// S3Connection is Amazon S3.
type S3Connection struct {
	// roleArn is the IAM role, registered in Atlas under cloud provider access.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	// +kubebuilder:validation:XValidation:rule=`self.matches('^ *arn:aws[a-z-]*:iam::[0-9]{12}:role/[^[:space:]]+ *$')`,message="roleArn is not the ARN of an IAM role: write arn:aws:iam::ACCOUNT:role/NAME"
	RoleARN string `json:"roleArn"`

	// testBucket is a bucket with which Atlas tries the role.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	TestBucket string `json:"testBucket,omitempty"`
}

// SchemaRegistryConnection is a schema registry.
type SchemaRegistryConnection struct {
	// provider of the registry: `CONFLUENT`.
	// +required
	// +kubebuilder:validation:Enum=CONFLUENT
	Provider string `json:"provider"`

	// urls of the registry, 1 to 10, each http or https.
	// +required
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=10
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=2048
	// +kubebuilder:validation:items:Pattern=`^https?://`
	// +kubebuilder:validation:XValidation:rule="self.all(x, self.exists_one(y, x == y))",message="urls must be unique: remove the repeated one"
	// +kubebuilder:validation:XValidation:rule=`!self.exists(u, u.matches('^[^/?#]*//[^/?#]*@'))`,message="urls must not carry user and password, which everybody who may read this resource sees: use username and passwordSecretRef"
	URLs []string `json:"urls"`

	// authentication towards the registry.
	// +required
	Authentication SchemaRegistryAuthentication `json:"authentication"`
}

// SchemaRegistryAuthentication is how Atlas authenticates towards a schema registry.
//
// +kubebuilder:validation:XValidation:rule="self.type != 'USER_INFO' || (has(self.username) && has(self.passwordSecretRef))",message="authentication type USER_INFO needs username and passwordSecretRef: set both"
// +kubebuilder:validation:XValidation:rule="self.type != 'SASL_INHERIT' || !(has(self.username) || has(self.passwordSecretRef))",message="authentication type SASL_INHERIT takes them from the Kafka connection: remove username and passwordSecretRef"
type SchemaRegistryAuthentication struct {
	// type: `USER_INFO` (with username and passwordSecretRef) or `SASL_INHERIT` (those of the Kafka connection).
	// +required
	// +kubebuilder:validation:Enum=USER_INFO;SASL_INHERIT
	Type string `json:"type"`

	// username for USER_INFO.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	Username string `json:"username,omitempty"`

	// passwordSecretRef is the Secret key with the password for USER_INFO.
	// +optional
	PasswordSecretRef *SecretKeyReference `json:"passwordSecretRef,omitempty"`
}

// AzureBlobStorageConnection is an Azure storage account.
type AzureBlobStorageConnection struct {
	// servicePrincipalId is the Azure service principal, registered in Atlas under cloud provider access.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	ServicePrincipalID string `json:"servicePrincipalId"`

	// storageAccountName is 3 to 24 lower-case letters and digits.
	// +required
	// +kubebuilder:validation:Pattern=`^[a-z0-9]{3,24}$`
	// +kubebuilder:validation:MaxLength=24
	StorageAccountName string `json:"storageAccountName"`
}

// GCPPubSubConnection is Google Cloud Pub/Sub.
type GCPPubSubConnection struct {
	// serviceAccountId is the e-mail address of the service account, registered in Atlas under cloud provider access.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	ServiceAccountID string `json:"serviceAccountId"`
}

// NetworkingType is how Atlas reaches a service.
// +kubebuilder:validation:Enum=PUBLIC;VPC;PRIVATE_LINK;TRANSIT_GATEWAY
type NetworkingType string

// The networking types.
const (
	NetworkingPublic         NetworkingType = "PUBLIC"
	NetworkingVPC            NetworkingType = "VPC"
	NetworkingPrivateLink    NetworkingType = "PRIVATE_LINK"
	NetworkingTransitGateway NetworkingType = "TRANSIT_GATEWAY"
)

// ConnectionNetworking is how Atlas reaches the service of a connection.
//
// +kubebuilder:validation:XValidation:rule="self.type != 'PRIVATE_LINK' || has(self.privateLinkRef) != has(self.connectionId)",message="networking.type PRIVATE_LINK needs exactly one of privateLinkRef (a StreamPrivateLink of this namespace) and connectionId (the Atlas id of a link): set one"
// +kubebuilder:validation:XValidation:rule="self.type == 'PRIVATE_LINK' || !(has(self.privateLinkRef) || has(self.connectionId))",message="privateLinkRef and connectionId are only for networking.type PRIVATE_LINK: remove them, or set type to PRIVATE_LINK"
// +kubebuilder:validation:XValidation:rule="self.type == 'TRANSIT_GATEWAY' || !has(self.tgwRouteId)",message="tgwRouteId is only for networking.type TRANSIT_GATEWAY: remove it, or set type to TRANSIT_GATEWAY"
type ConnectionNetworking struct {
	// type: `PUBLIC` (default), `VPC` (peering), `PRIVATE_LINK` or `TRANSIT_GATEWAY`.
	// +optional
	// +kubebuilder:default=PUBLIC
	Type NetworkingType `json:"type,omitempty"`

	// privateLinkRef names a StreamPrivateLink of the same namespace and Atlas project. The connection is created
	// once that link is Ready.
	// +optional
	PrivateLinkRef *LocalReference `json:"privateLinkRef,omitempty"`

	// connectionId is the Atlas id (`_id`) of a private link that is not managed in this namespace.
	// +optional
	// +kubebuilder:validation:Pattern=`^[a-f0-9]{24}$`
	// +kubebuilder:validation:MaxLength=24
	ConnectionID string `json:"connectionId,omitempty"`

	// tgwRouteId is the Atlas id of the route of the transit gateway, 24 hexadecimal digits.
	// +optional
	// +kubebuilder:validation:Pattern=`^[a-f0-9]{24}$`
	// +kubebuilder:validation:MaxLength=24
	TGWRouteID string `json:"tgwRouteId,omitempty"`
}

// StreamConnectionStatus is what the operator knows of the connection, most of it in Atlas's own words.
type StreamConnectionStatus struct {
	ManagedStatus `json:",inline"`

	// region as Atlas reports it.
	// +optional
	Region string `json:"region,omitempty"`

	// privateLinkId is the Atlas id of the private link that the connection was created over.
	// +optional
	PrivateLinkID string `json:"privateLinkId,omitempty"`

	// secretVersions say which Secrets, in which version, were sent to Atlas last. The digest is keyed; it reveals nothing.
	// +optional
	// +listType=map
	// +listMapKey=name
	SecretVersions []SecretVersion `json:"secretVersions,omitempty"`
}

// SecretVersion identifies what was sent to Atlas from one Secret or ConfigMap.
type SecretVersion struct {
	// name of the Secret; of a ConfigMap `configmap/name`.
	Name string `json:"name"`
	// uid of the Secret.
	// +optional
	UID string `json:"uid,omitempty"`
	// resourceVersion of the Secret.
	// +optional
	ResourceVersion string `json:"resourceVersion,omitempty"`
	// digest of the values used, keyed with the secret of the Atlas credentials.
	// +optional
	Digest string `json:"digest,omitempty"`
}

// StreamConnection is a connection in the connection registry of an Atlas stream workspace: a source, sink or
// service that stream processors refer to by name.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:path=streamconnections,singular=streamconnection,shortName=sconn,categories=atlas-streams,scope=Namespaced
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="State",type=string,JSONPath=`.status.state`
// +kubebuilder:printcolumn:name="Type",type=string,JSONPath=`.spec.type`
// +kubebuilder:printcolumn:name="Atlas ID",type=string,JSONPath=`.status.id`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Workspace",type=string,priority=1,JSONPath=`.spec.workspaceName`
// +kubebuilder:printcolumn:name="Reason",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Endpoint",type=string,priority=1,JSONPath=`.status.privateLinkId`
// +kubebuilder:printcolumn:name="Deletion Policy",type=string,priority=1,JSONPath=`.spec.deletionPolicy`
// +kubebuilder:printcolumn:name="Message",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].message`
// +kubebuilder:selectablefield:JSONPath=`.spec.projectId`
// +kubebuilder:validation:XValidation:rule="(has(self.spec.name) ? self.spec.name : self.metadata.name) == (has(oldSelf.spec.name) ? oldSelf.spec.name : oldSelf.metadata.name)",message="spec.name cannot be changed: create a new StreamConnection",fieldPath=".spec.name"
// +kubebuilder:validation:XValidation:rule="oldSelf.hasValue() || has(self.spec.name) || size(self.metadata.name) <= 64",optionalOldSelf=true,message="metadata.name is longer than a connection name may be (64): set spec.name",fieldPath=".spec.name"
type StreamConnection struct {
	metav1.TypeMeta `json:",inline"`
	// +optional
	metav1.ObjectMeta `json:"metadata,omitzero"`

	// spec is what you want.
	// +required
	Spec StreamConnectionSpec `json:"spec"`

	// status is what the operator and Atlas say; it is never read as input from people.
	// +optional
	// +kubebuilder:default={"observedGeneration":-1}
	Status StreamConnectionStatus `json:"status,omitempty"`
}

// AtlasName is the name of the connection in Atlas: spec.name, or metadata.name where that is left out.
func (c *StreamConnection) AtlasName() string {
	if c.Spec.Name != "" {
		return c.Spec.Name
	}
	return c.Name
}

// StreamConnectionList is a list of StreamConnections.
// +kubebuilder:object:root=true
type StreamConnectionList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitzero"`
	Items           []StreamConnection `json:"items"`
}
