{{/*
A resource. Call with a dict: root, section and name (where it stands in the values), values (the entry), kind, and
defaults (names of the members that it takes from .Values.defaults).
*/}}
{{- define "streams.resource" -}}
{{- $spec := dict -}}
{{- range $member, $value := omit .values "enabled" "labels" "annotations" -}}
{{- /* null takes out what an earlier values file set. */ -}}
{{- if not (kindIs "invalid" $value) }}{{ $_ := set $spec $member $value }}{{ end -}}
{{- end -}}
{{- range $member := .defaults -}}
{{- $default := get $.root.Values.defaults $member -}}
{{- if and $default (not (hasKey $spec $member)) -}}
{{- $_ := set $spec $member $default -}}
{{- end -}}
{{- end -}}
{{- /* An entry that says `credentialsRef: {}` wants the operator's default credentials, whatever the defaults are. */ -}}
{{- if and (hasKey $spec "credentialsRef") (not $spec.credentialsRef) -}}
{{- $spec = omit $spec "credentialsRef" -}}
{{- end -}}
{{- $at := printf "%s.%s" .section .name -}}
{{- if or (gt (len .name) 253) (not (regexMatch "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$" .name)) -}}
{{- fail (printf "%s: the name of a resource has lower-case letters, digits, - and . only, and at most 253 of them, and begins and ends with a letter or digit: change the key%s" $at (ternary ", and set name to the name in Atlas" "" (eq .section "connections"))) -}}
{{- end -}}
{{- include (printf "streams.check.%s" .section) (dict "at" $at "spec" $spec "root" .root) -}}
apiVersion: atlasstreams.io/v1alpha1
kind: {{ .kind }}
metadata:
  name: {{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "streams.labels" . | nindent 4 }}
  {{- with merge (dict) (.values.annotations | default dict) .root.Values.commonAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- toYaml $spec | nindent 2 }}
{{- end -}}

{{- define "streams.labels" -}}
{{- $chart := .root.Chart -}}
{{- $own := dict
  "helm.sh/chart" (printf "%s-%s" $chart.Name $chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-")
  "app.kubernetes.io/name" $chart.Name
  "app.kubernetes.io/instance" .root.Release.Name
  "app.kubernetes.io/managed-by" .root.Release.Service -}}
{{- toYaml (merge $own (.values.labels | default dict) .root.Values.commonLabels) -}}
{{- end -}}
