package atlas

import (
	"cmp"
	"fmt"
)

// networkingMember maps the types whose members have fields to the name of their networking member,
// if they support networking. The members of all other types are in Raw, in any form.
var networkingMember = map[string]string{
	"Sample":                "",
	"Cluster":               "",
	"Https":                 "",
	"SchemaRegistry":        "",
	"Kafka":                 "networking",
	"S3":                    "networking",
	"AWSKinesisDataStreams": "networking",
	"AWSLambda":             "publicPrivateNetworking",
	"AzureBlobStorage":      "publicPrivateNetworking",
	"GCPPubSub":             "publicPrivateNetworking",
}

func (r ConnectionRequest) object() (object, error) {
	if r.Name == "" || r.Type == "" {
		return nil, errNoNameOrType
	}
	o := objectOf(r, r.Raw)
	if r.Networking == nil {
		return o, nil
	}
	member, known := networkingMember[r.Type]
	if !known {
		member = "networking"
	}
	networking, access := objectOf(*r.Networking, nil), r.Networking.Access.Type
	switch {
	case member != "" && len(networking) > 0:
		o[member] = networking
	case member == "" && access != "" && access != "PUBLIC":
		return nil, fmt.Errorf("connections of type %q cannot use %s networking", r.Type, access)
	}
	return o, nil
}

// forUpdate omits the region: it is immutable, and Atlas returns it under another name.
func (r ConnectionRequest) forUpdate(name string) (object, error) {
	r.Name, r.Region = cmp.Or(r.Name, name), ""
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
