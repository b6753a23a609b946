package atlastest

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

const (
	netPublic      = "PUBLIC"
	netVPC         = "VPC"
	netPrivateLink = "PRIVATE_LINK"
	netTransit     = "TRANSIT_GATEWAY"
)

var (
	objectID       = regexp.MustCompile(`^[a-f0-9]{24}$`)
	httpURL        = regexp.MustCompile(`^https?://.+`)
	connectionName = regexp.MustCompile(`^[a-zA-Z0-9._*-]+$`)
	storageAccount = regexp.MustCompile(`^[a-z0-9]{3,24}$`)
)

// connectionType describes a type of connection.
type connectionType struct {
	members schema
	// required are the paths of required members.
	required []string
	// networkKey is the member with the networking, if any.
	networkKey string
}

func object(members schema) member { return member{kind: kindObject, members: members} }

var commonMembers = schema{
	"name":   {},
	"type":   {},
	"region": {},
	"id":     {readOnly: true},
	"state":  {readOnly: true},
	"links":  {readOnly: true},
}

var networking = object(schema{
	"access": object(schema{
		"type":         {enum: []string{netPublic, netVPC, netPrivateLink, netTransit}},
		"connectionId": {pattern: objectID},
		"name":         {},
		"tgwRouteId":   {pattern: objectID},
		"links":        {readOnly: true},
	}),
	"links": {readOnly: true},
})

var publicPrivateNetworking = object(schema{
	"access": object(schema{
		"type":         {enum: []string{netPublic, netPrivateLink}},
		"connectionId": {pattern: objectID},
		"links":        {readOnly: true},
	}),
	"links": {readOnly: true},
})

var kafkaMembers = schema{
	"bootstrapServers": {},
	"config":           {kind: kindStringMap},
	"authentication": object(schema{
		// Atlas does not restrict mechanism and protocol.
		"mechanism":                 {},
		"method":                    {},
		"username":                  {},
		"password":                  {secret: true},
		"tokenEndpointUrl":          {},
		"clientId":                  {},
		"clientSecret":              {secret: true},
		"scope":                     {},
		"saslOauthbearerExtensions": {},
		"sslCertificate":            {},
		"sslKey":                    {secret: true},
		"sslKeyPassword":            {secret: true},
		"aws":                       object(schema{"roleArn": {}, "links": {readOnly: true}}),
		"links":                     {readOnly: true},
	}),
	"security": object(schema{
		"protocol":                {},
		"brokerPublicCertificate": {},
		"links":                   {readOnly: true},
	}),
	"networking": networking,
}

var connectionTypes = map[string]connectionType{
	"Sample": {},
	"Cluster": {
		members: schema{
			"clusterName":    {},
			"clusterGroupId": {pattern: objectID},
			"dbRoleToExecute": object(schema{
				"role":  {},
				"type":  {enum: []string{"BUILT_IN", "CUSTOM"}},
				"links": {readOnly: true},
			}),
		},
		required: []string{"clusterName", "dbRoleToExecute.role", "dbRoleToExecute.type"},
	},
	"Kafka": {
		members:    kafkaMembers,
		required:   []string{"bootstrapServers"},
		networkKey: "networking",
	},
	"Https": {
		members:  schema{"url": {pattern: httpURL}, "headers": {kind: kindStringMap, inClear: true}},
		required: []string{"url"},
	},
	"AWSLambda": {
		members: schema{
			"aws":                     object(schema{"roleArn": {}, "links": {readOnly: true}}),
			"publicPrivateNetworking": publicPrivateNetworking,
		},
		required:   []string{"aws.roleArn"},
		networkKey: "publicPrivateNetworking",
	},
	"S3": {
		members: schema{
			"aws":        object(schema{"roleArn": {}, "testBucket": {}, "links": {readOnly: true}}),
			"networking": networking,
		},
		required:   []string{"aws.roleArn"},
		networkKey: "networking",
	},
	"AWSKinesisDataStreams": {
		members: schema{
			"aws":        object(schema{"roleArn": {}, "links": {readOnly: true}}),
			"networking": networking,
		},
		required:   []string{"aws.roleArn"},
		networkKey: "networking",
	},
	"SchemaRegistry": {
		members: schema{
			"provider":           {enum: []string{"CONFLUENT"}},
			"schemaRegistryUrls": {kind: kindStrings, max: 10, pattern: httpURL},
			"schemaRegistryAuthentication": object(schema{
				"type":     {enum: []string{"USER_INFO", "SASL_INHERIT"}},
				"username": {},
				"password": {secret: true},
				"links":    {readOnly: true},
			}),
		},
		required: []string{"provider", "schemaRegistryUrls", "schemaRegistryAuthentication.type"},
	},
	"AzureBlobStorage": {
		members: schema{
			"azure": object(schema{
				"servicePrincipalId": {},
				"storageAccountName": {pattern: storageAccount},
				"region":             {},
				"links":              {readOnly: true},
			}),
			"publicPrivateNetworking": publicPrivateNetworking,
		},
		required:   []string{"azure.servicePrincipalId", "azure.storageAccountName"},
		networkKey: "publicPrivateNetworking",
	},
	"GCPPubSub": {
		members: schema{
			"gcp":                     object(schema{"serviceAccountId": {}, "links": {readOnly: true}}),
			"publicPrivateNetworking": publicPrivateNetworking,
		},
		required:   []string{"gcp.serviceAccountId"},
		networkKey: "publicPrivateNetworking",
	},
}

// typeOf describes a type. An unknown type accepts members of any form.
func typeOf(typ string) connectionType {
	if known, ok := connectionTypes[typ]; ok {
		return known
	}
	return connectionType{members: schema{"networking": networking}, networkKey: "networking"}
}

// acceptsType accepts an unknown type, because Atlas may add it, but not another spelling of a known one.
func acceptsType(typ string) bool {
	_, known := connectionTypes[typ]
	return known || typ != "" && !slices.ContainsFunc(typeNames(), func(name string) bool { return strings.EqualFold(name, typ) })
}

// connectionSchema returns all members of a type, including the common ones. Those of an unknown type are derived from
// the objects.
func connectionSchema(typ string, objects ...map[string]any) schema {
	members := schema{}
	if _, known := connectionTypes[typ]; !known {
		for _, object := range objects {
			maps.Copy(members, looseSchema(object))
		}
	}
	maps.Copy(members, commonMembers)
	maps.Copy(members, typeOf(typ).members)
	return members
}

func typeNames() []string { return slices.Sorted(maps.Keys(connectionTypes)) }
