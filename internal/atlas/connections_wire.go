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
	if r.Region != "" {
		o["region"] = r.Region
	}
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
	o := objectOf(r)
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
	if networking := objectOf(*r.Networking); len(networking) > 0 {
		o[member] = networking
	}
	return nil
}
