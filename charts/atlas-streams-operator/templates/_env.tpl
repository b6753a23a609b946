{{/* Where the certificates of private authorities are mounted. */}}
{{- define "operator.caDirectory" -}}
/etc/atlas-streams-operator/ca
{{- end -}}

{{/* Where the certificate of the metrics endpoint is mounted. */}}
{{- define "operator.metricsCertDirectory" -}}
/etc/atlas-streams-operator/metrics
{{- end -}}

{{/* Whether there are such certificates: "true" or nothing. */}}
{{- define "operator.hasPrivateCA" -}}
{{- if or .Values.privateCA.configMapName .Values.privateCA.secretName }}true{{ end -}}
{{- end -}}

{{/* The environment of the manager, as a YAML list; nothing when it is empty. */}}
{{- define "operator.env" -}}
{{- $env := concat (include "operator.proxyEnv" . | fromYamlArray) (include "operator.caEnv" . | fromYamlArray) .Values.extraEnv -}}
{{- if $env }}{{ toYaml $env }}{{ end -}}
{{- end -}}

{{- define "operator.proxyEnv" -}}
{{- $proxy := .Values.proxy -}}
{{- if or $proxy.secretName $proxy.httpsProxy $proxy.httpProxy -}}
{{- range $key, $name := dict "httpsProxy" "HTTPS_PROXY" "httpProxy" "HTTP_PROXY" }}
{{- if $proxy.secretName }}
- name: {{ $name }}
  valueFrom:
    secretKeyRef:
      name: {{ $proxy.secretName }}
      key: {{ $key }}
      optional: true
{{- else if get $proxy $key }}
- name: {{ $name }}
  value: {{ get $proxy $key | quote }}
{{- end }}
{{- end }}
# Kubernetes puts the address of the API server in place of the variable.
- name: NO_PROXY
  value: {{ list "$(KUBERNETES_SERVICE_HOST)" "kubernetes.default.svc" $proxy.noProxy | compact | join "," | quote }}
{{- end -}}
{{- end -}}

{{- define "operator.caEnv" -}}
{{- if include "operator.hasPrivateCA" . -}}
# A directory adds to the public authorities of the image, a file takes their place.
- name: SSL_CERT_DIR
  value: {{ include "operator.caDirectory" . }}
{{- if .Values.privateCA.replacePublic }}
- name: SSL_CERT_FILE
  value: {{ include "operator.caDirectory" . }}/ca.crt
{{- end }}
{{- end -}}
{{- end -}}
