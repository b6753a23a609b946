package atlas

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// knownTypes and knownVendors have fields of their own for their members. The members of all others
// are in Raw, in any form.
var (
	knownTypes = []string{
		"Sample", "Cluster", "Kafka", "Https", "AWSLambda", "S3", "AWSKinesisDataStreams", "SchemaRegistry", "AzureBlobStorage", "GCPPubSub",
	}
	knownVendors = []string{"", "GENERIC", "MSK", "CONFLUENT", "KINESIS", "S3", "LAMBDA", "EVENTHUB", "AZURE_BLOB_STORAGE", "PUBSUB"}
)

// raw adds members without a field. Fields take precedence over members of the same name.
func (o object) raw(members map[string]any) {
	for member, value := range members {
		if _, taken := o[member]; !taken {
			o[member] = value
		}
	}
}

// rawMembers decodes an object without loss; numbers keep their digits.
func rawMembers(data []byte, into *map[string]any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("read members: %w", err)
	}
	return nil
}
