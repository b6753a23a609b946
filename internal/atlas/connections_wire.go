package atlas

import (
	"fmt"
	"slices"
)

// memberNetworking is the networking member of most types.
const memberNetworking = "networking"

// networkingMember maps the types that support networking to the member's name.
var networkingMember = map[string]string{
	"Kafka":                 memberNetworking,
	"S3":                    memberNetworking,
	"AWSKinesisDataStreams": memberNetworking,
	"AWSLambda":             "publicPrivateNetworking",
	"AzureBlobStorage":      "publicPrivateNetworking",
	"GCPPubSub":             "publicPrivateNetworking",
}

func (r ConnectionRequest) forCreate() (object, error) {
	o, err := r.object()
	if err != nil {
		return nil, err
	}
	o.text("region", r.Region)
	return o, nil
}

// forUpdate omits the region: it is immutable, and Atlas returns it under another name.
func (r ConnectionRequest) forUpdate(name string) (object, error) {
	if r.Name == "" {
		r.Name = name
	}
	o, err := r.object()
	if err != nil {
		return nil, err
	}
	for _, field := range r.ClearFields {
		if err := o.clear(field); err != nil {
			return nil, err
		}
	}
	return o, nil
}

func (r ConnectionRequest) object() (object, error) {
	if r.Name == "" || r.Type == "" {
		return nil, errNoNameOrType
	}
	o := object{"name": r.Name, "type": r.Type}
	o.text("clusterName", r.ClusterName)
	o.text("clusterGroupId", r.ClusterProjectID)
	o.child("dbRoleToExecute", r.DBRole.object())
	o.text("bootstrapServers", r.BootstrapServers)
	if r.Config != nil {
		o["config"] = r.Config
	}
	o.child("authentication", r.KafkaAuthentication.object())
	o.child("security", r.KafkaSecurity.object())
	o.text("url", r.URL)
	if r.Headers != nil {
		o["headers"] = r.Headers
	}
	o.child("aws", r.AWS.object())
	o.child("azure", r.Azure.object())
	o.child("gcp", r.GCP.object())
	o.text("provider", r.SchemaRegistryProvider)
	o.list("schemaRegistryUrls", r.SchemaRegistryURLs)
	o.child("schemaRegistryAuthentication", r.SchemaRegistryAuthentication.object())
	if err := r.addNetworking(o); err != nil {
		return nil, err
	}
	o.raw(r.Raw)
	return o, nil
}

func (r ConnectionRequest) addNetworking(o object) error {
	if r.Networking == nil {
		return nil
	}
	access := r.Networking.Access
	member, ok := networkingMember[r.Type]
	if !slices.Contains(knownTypes, r.Type) {
		member, ok = memberNetworking, true
	}
	if !ok {
		if access.Type == "" || access.Type == "PUBLIC" {
			return nil
		}
		return fmt.Errorf("connections of type %q cannot use %s networking", r.Type, access.Type)
	}
	o.child(member, access.object())
	return nil
}

func (a NetworkingAccess) object() object {
	access := object{}
	access.text("type", a.Type)
	access.text("connectionId", a.ConnectionID)
	access.text("name", a.Name)
	access.text("tgwRouteId", a.TGWRouteID)
	o := object{}
	o.child("access", access)
	return o
}

func (r *DBRole) object() object {
	o := object{}
	if r != nil {
		o.text("role", r.Role)
		o.text("type", r.Type)
	}
	return o
}

func (a *KafkaAuthentication) object() object {
	o := object{}
	if a == nil {
		return o
	}
	o.text("mechanism", a.Mechanism)
	o.text("method", a.Method)
	o.text("username", a.Username)
	o.secret("password", a.Password)
	o.text("tokenEndpointUrl", a.TokenEndpointURL)
	o.text("clientId", a.ClientID)
	o.secret("clientSecret", a.ClientSecret)
	o.text("scope", a.Scope)
	o.text("saslOauthbearerExtensions", a.SASLOAuthBearerExtensions)
	o.text("sslCertificate", a.SSLCertificate)
	o.secret("sslKey", a.SSLKey)
	o.secret("sslKeyPassword", a.SSLKeyPassword)
	aws := object{}
	aws.text("roleArn", a.AWSRoleARN)
	o.child("aws", aws)
	return o
}

func (s *KafkaSecurity) object() object {
	o := object{}
	if s != nil {
		o.text("protocol", s.Protocol)
		o.text("brokerPublicCertificate", s.BrokerPublicCertificate)
	}
	return o
}

func (a *AWSConfig) object() object {
	o := object{}
	if a != nil {
		o.text("roleArn", a.RoleARN)
		o.text("testBucket", a.TestBucket)
	}
	return o
}

func (a *AzureConfig) object() object {
	o := object{}
	if a != nil {
		o.text("servicePrincipalId", a.ServicePrincipalID)
		o.text("storageAccountName", a.StorageAccountName)
		o.text("region", a.Region)
	}
	return o
}

func (g *GCPConfig) object() object {
	o := object{}
	if g != nil {
		o.text("serviceAccountId", g.ServiceAccountID)
	}
	return o
}

func (a *SchemaRegistryAuthentication) object() object {
	o := object{}
	if a != nil {
		o.text("type", a.Type)
		o.text("username", a.Username)
		o.secret("password", a.Password)
	}
	return o
}
