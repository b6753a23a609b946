{{/* Values that fit the schema and cannot work together. */}}
{{- define "operator.check" -}}
{{- $v := .Values -}}
{{- if and (gt (int $v.replicas) 1) (not $v.leaderElection.enabled) -}}
{{- fail "replicas: more than one needs leaderElection.enabled: without it all of them would act at once" -}}
{{- end -}}
{{- if and $v.privateCA.configMapName $v.privateCA.secretName -}}
{{- fail "privateCA: set configMapName or secretName, not both" -}}
{{- end -}}
{{- if and $v.defaultCredentials.namespaces (not $v.defaultCredentials.secretName) -}}
{{- fail "defaultCredentials.namespaces needs defaultCredentials.secretName: name the Secret that they may use" -}}
{{- end -}}
{{- include "operator.checkBudget" . -}}
{{- if and $v.metrics.serviceMonitor.enabled (not (and $v.metrics.enabled $v.metrics.service.enabled)) -}}
{{- fail "metrics.serviceMonitor.enabled needs metrics.enabled and metrics.service.enabled" -}}
{{- end -}}
{{- if and $v.metrics.serviceMonitor.enabled $v.metrics.secure (not $v.metrics.serviceMonitor.tlsConfig) -}}
{{- fail "metrics.serviceMonitor.tlsConfig: say how Prometheus checks the manager's certificate: ca and serverName with metrics.certificateSecretName, or insecureSkipVerify: true for the self-signed one" -}}
{{- end -}}
{{- $timeout := $v.atlas.requestTimeout -}}
{{- if regexMatch "^[0-9]+[sm]$" $timeout -}}
{{- $needed := add 15 (mul (ternary 60 1 (hasSuffix "m" $timeout)) (atoi (trimAll "sm" $timeout))) -}}
{{- if gt $needed (int64 $v.terminationGracePeriodSeconds) -}}
{{- fail (printf "terminationGracePeriodSeconds: a call to Atlas of %s (atlas.requestTimeout) needs at least %d to end" $timeout $needed) -}}
{{- end -}}
{{- end -}}
{{- if and $v.metrics.enabled (eq (int $v.metrics.port) (int $v.healthProbe.port)) -}}
{{- fail "metrics.port and healthProbe.port have to differ" -}}
{{- end -}}
{{- end -}}

{{/* null is unset, 0 is a number. The API server rounds a percentage up. */}}
{{- define "operator.checkBudget" -}}
{{- $min := .Values.podDisruptionBudget.minAvailable -}}
{{- if not (or (kindIs "invalid" $min) (kindIs "invalid" .Values.podDisruptionBudget.maxUnavailable)) -}}
{{- fail "podDisruptionBudget: set minAvailable or maxUnavailable, not both" -}}
{{- end -}}
{{- $replicas := int .Values.replicas -}}
{{- if and .Values.podDisruptionBudget.enabled $replicas (not (kindIs "invalid" $min)) -}}
{{- $needed := int $min -}}
{{- if kindIs "string" $min }}{{ $needed = div (add 99 (mul $replicas (atoi (trimSuffix "%" $min)))) 100 }}{{ end -}}
{{- if ge (int $needed) $replicas -}}
{{- fail (printf "podDisruptionBudget.minAvailable: %v of %d replicas leaves no pod that a drain may evict, so that the drain never ends: set less, or more replicas" $min $replicas) -}}
{{- end -}}
{{- end -}}
{{- end -}}
