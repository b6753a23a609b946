{{/* What is missing, said where it is to be set. The API server checks the rest, and says what to do as well. */}}
{{- define "streams.check.links" -}}
{{- include "streams.require.project" . -}}
{{- if not .spec.provider -}}
{{- fail (printf "%s.provider is required: the cloud of the service, AWS, AZURE or GCP" .at) -}}
{{- end -}}
{{- end -}}

{{- define "streams.check.connections" -}}
{{- include "streams.require.project" . -}}
{{- if not .spec.workspaceName -}}
{{- fail (printf "%s.workspaceName is required: the stream workspace in Atlas. Set it there, or for all connections in defaults.workspaceName" .at) -}}
{{- end -}}
{{- $members := dict "Sample" "" "Cluster" "cluster" "Kafka" "kafka" "Https" "https" "AWSLambda" "awsLambda" "S3" "s3"
  "AWSKinesisDataStreams" "awsKinesisDataStreams" "SchemaRegistry" "schemaRegistry" "AzureBlobStorage" "azureBlobStorage"
  "GCPPubSub" "gcpPubSub" -}}
{{- if not .spec.type -}}
{{- fail (printf "%s.type is required: one of %s" .at (keys $members | sortAlpha | join ", ")) -}}
{{- end -}}
{{- $member := get $members .spec.type -}}
{{- if and $member (not (hasKey .spec $member)) -}}
{{- fail (printf "%s.%s is required: type %s is described by it" .at $member .spec.type) -}}
{{- end -}}
{{- $link := dig "networking" "privateLinkRef" "name" "" .spec -}}
{{- $known := get .root.Values.links $link | default dict -}}
{{- if eq (dig "enabled" true $known) false -}}
{{- fail (printf "%s.networking.privateLinkRef.name is %s, but links.%s.enabled is false: enable the link, or disable the connection as well" .at $link $link) -}}
{{- end -}}
{{- end -}}

{{- define "streams.check.privateEndpointServices" -}}
{{- include "streams.require.project" . -}}
{{- if not .spec.cloudProvider -}}
{{- fail (printf "%s.cloudProvider is required: AWS, AZURE or GCP" .at) -}}
{{- end -}}
{{- if eq (hasKey .spec "id") (hasKey .spec "regionName") -}}
{{- fail (printf "%s: exactly one of id and regionName says which service is meant" .at) -}}
{{- end -}}
{{- end -}}

{{- define "streams.require.project" -}}
{{- if not .spec.projectId -}}
{{- fail (printf "%s.projectId is required: the id of the Atlas project, 24 hexadecimal digits. Set it there, or for all resources in defaults.projectId" .at) -}}
{{- end -}}
{{- end -}}
