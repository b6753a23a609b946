{{/* The content of the Secret: what the simulator accepts, and the same for the operator's own Secrets. */}}
{{- define "simulator.credentials" -}}
{{- $c := .Values.credentials -}}
{{- if ne (empty $c.clientId) (empty $c.clientSecret) }}{{ fail "credentials: clientId and clientSecret need each other" }}{{ end -}}
{{- if ne (empty $c.publicApiKey) (empty $c.privateApiKey) }}{{ fail "credentials: publicApiKey and privateApiKey need each other" }}{{ end -}}
{{- if and (empty $c.clientId) (empty $c.publicApiKey) }}{{ fail "credentials: set a service account, an API key, or existingSecret" }}{{ end -}}
{{- $accepted := dict -}}
{{- $keys := dict -}}
{{- if $c.clientId -}}
{{- $_ := set $accepted "serviceAccounts" (dict $c.clientId $c.clientSecret) -}}
{{- $keys = merge $keys (dict "clientId" $c.clientId "clientSecret" $c.clientSecret) -}}
{{- end -}}
{{- if $c.publicApiKey -}}
{{- $_ := set $accepted "apiKeys" (dict $c.publicApiKey $c.privateApiKey) -}}
{{- $keys = merge $keys (dict "publicApiKey" $c.publicApiKey "privateApiKey" $c.privateApiKey) -}}
{{- end -}}
{{- $projects := .Values.projects -}}
{{- range .Values.workspaces }}{{ $projects = append $projects (splitList "/" . | first) }}{{ end -}}
{{- with $projects }}{{ $keys = merge $keys (dict "projectIds" (uniq . | join ",")) }}{{ end -}}
{{- range $key, $value := merge $keys (dict "credentials.json" (toJson $accepted)) }}
{{ $key }}: {{ $value | b64enc }}
{{- end -}}
{{- end -}}
