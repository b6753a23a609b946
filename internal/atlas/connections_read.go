package atlas

// connectionWire is the flat object that Atlas returns for connections of every type. It has no
// fields for passwords and keys, so that they are dropped if Atlas ever echoes one.
type connectionWire struct {
	ID               string          `json:"id"`
	Name             string          `json:"name"`
	Type             string          `json:"type"`
	Region           string          `json:"region"`
	State            string          `json:"state"`
	ClusterName      string          `json:"clusterName"`
	ClusterGroupID   string          `json:"clusterGroupId"`
	DBRoleToExecute  *dbRoleWire     `json:"dbRoleToExecute"`
	BootstrapServers string          `json:"bootstrapServers"`
	Config           map[string]text `json:"config"`
	Authentication   *kafkaAuthWire  `json:"authentication"`
	Security         *struct {
		Protocol                string `json:"protocol"`
		BrokerPublicCertificate string `json:"brokerPublicCertificate"`
	} `json:"security"`
	URL     string          `json:"url"`
	Headers map[string]text `json:"headers"`
	AWS     *struct {
		RoleARN    string `json:"roleArn"`
		TestBucket string `json:"testBucket"`
	} `json:"aws"`
	Azure *struct {
		ServicePrincipalID string `json:"servicePrincipalId"`
		StorageAccountName string `json:"storageAccountName"`
		Region             string `json:"region"`
	} `json:"azure"`
	GCP *struct {
		ServiceAccountID string `json:"serviceAccountId"`
	} `json:"gcp"`
	Provider                     string   `json:"provider"`
	SchemaRegistryURLs           []string `json:"schemaRegistryUrls"`
	SchemaRegistryAuthentication *struct {
		Type     string `json:"type"`
		Username string `json:"username"`
	} `json:"schemaRegistryAuthentication"`
	Networking              *networkingWire `json:"networking"`
	PublicPrivateNetworking *networkingWire `json:"publicPrivateNetworking"`
	Raw                     map[string]any  `json:"-"`
}

type dbRoleWire struct {
	Role string `json:"role"`
	Type string `json:"type"`
}

type kafkaAuthWire struct {
	Mechanism                 string `json:"mechanism"`
	Method                    string `json:"method"`
	Username                  string `json:"username"`
	TokenEndpointURL          string `json:"tokenEndpointUrl"`
	ClientID                  string `json:"clientId"`
	Scope                     string `json:"scope"`
	SASLOAuthBearerExtensions string `json:"saslOauthbearerExtensions"`
	SSLCertificate            string `json:"sslCertificate"`
	AWS                       struct {
		RoleARN string `json:"roleArn"`
	} `json:"aws"`
}

type networkingWire struct {
	Access struct {
		Type         string `json:"type"`
		ConnectionID string `json:"connectionId"`
		Name         string `json:"name"`
		TGWRouteID   string `json:"tgwRouteId"`
	} `json:"access"`
}

// connection returns the object and its identifier.
func (w connectionWire) connection() (Connection, string) {
	c := Connection{
		ID:                           w.ID,
		Name:                         w.Name,
		Type:                         w.Type,
		Region:                       w.Region,
		State:                        w.State,
		ClusterName:                  w.ClusterName,
		ClusterProjectID:             w.ClusterGroupID,
		DBRole:                       (*DBRole)(w.DBRoleToExecute),
		BootstrapServers:             w.BootstrapServers,
		Config:                       mapValues(w.Config, func(t text) string { return string(t) }),
		KafkaAuthentication:          w.Authentication.kafkaAuthentication(),
		KafkaSecurity:                (*KafkaSecurity)(w.Security),
		URL:                          w.URL,
		Headers:                      mapValues(w.Headers, func(t text) Secret { return NewSecret(string(t)) }),
		AWS:                          (*AWSConfig)(w.AWS),
		Azure:                        (*AzureConfig)(w.Azure),
		GCP:                          (*GCPConfig)(w.GCP),
		SchemaRegistryProvider:       w.Provider,
		SchemaRegistryURLs:           w.SchemaRegistryURLs,
		SchemaRegistryAuthentication: nil,
		Networking:                   w.Networking.networking(),
		Raw:                          w.Raw,
	}
	if a := w.SchemaRegistryAuthentication; a != nil {
		c.SchemaRegistryAuthentication = &SchemaRegistryAuthentication{Type: a.Type, Username: a.Username}
	}
	if c.Networking == nil {
		c.Networking = w.PublicPrivateNetworking.networking()
	}
	return c, w.Name
}

func (w *kafkaAuthWire) kafkaAuthentication() *KafkaAuthentication {
	if w == nil {
		return nil
	}
	return &KafkaAuthentication{
		Mechanism:                 w.Mechanism,
		Method:                    w.Method,
		Username:                  w.Username,
		TokenEndpointURL:          w.TokenEndpointURL,
		ClientID:                  w.ClientID,
		Scope:                     w.Scope,
		SASLOAuthBearerExtensions: w.SASLOAuthBearerExtensions,
		SSLCertificate:            w.SSLCertificate,
		AWSRoleARN:                w.AWS.RoleARN,
	}
}

func (w *networkingWire) networking() *Networking {
	if w == nil {
		return nil
	}
	return &Networking{Access: NetworkingAccess(w.Access)}
}

func mapValues[V, W any](in map[string]V, convert func(V) W) map[string]W {
	if in == nil {
		return nil
	}
	out := make(map[string]W, len(in))
	for key, value := range in {
		out[key] = convert(value)
	}
	return out
}
