{{/* The command line of the manager, as a YAML list. */}}
{{- define "operator.args" -}}
{{- $args := list -}}
{{- $v := .Values -}}
{{- if $v.leaderElection.enabled }}{{ $args = concat $args (list "--leader-elect" (printf "--leader-election-id=%s" (include "operator.leaseName" .))) }}{{ end -}}
{{- $args = append $args (printf "--health-probe-bind-address=:%d" (int $v.healthProbe.port)) -}}
{{- $args = append $args (printf "--metrics-bind-address=%s" (ternary (printf ":%d" (int $v.metrics.port)) "0" $v.metrics.enabled)) -}}
{{- if not $v.metrics.secure }}{{ $args = append $args "--metrics-secure=false" }}{{ end -}}
{{- $credentials := "" -}}
{{- with $v.defaultCredentials.secretName }}{{ $credentials = printf "%s/%s" (include "operator.credentialsNamespace" $) . }}{{ end -}}
{{- $flags := list
  (list "leader-election-namespace" $v.leaderElection.namespace)
  (list "leader-election-lease-duration" $v.leaderElection.leaseDuration)
  (list "leader-election-renew-deadline" $v.leaderElection.renewDeadline)
  (list "leader-election-retry-period" $v.leaderElection.retryPeriod)
  (list "atlas-base-url" $v.atlas.baseURL)
  (list "atlas-request-timeout" $v.atlas.requestTimeout)
  (list "default-credentials" $credentials)
  (list "default-credentials-namespaces" (join "," $v.defaultCredentials.namespaces))
  (list "watch-namespaces" (join "," $v.watch.namespaces))
  (list "watch-label-selector" $v.watch.labelSelector)
  (list "pending-poll-interval" $v.polling.pendingInterval)
  (list "steady-poll-interval" $v.polling.steadyInterval)
  (list "max-concurrent-reconciles" (ternary (toString (int $v.maxConcurrentReconciles)) "" (gt (int $v.maxConcurrentReconciles) 0)))
  (list "metrics-cert-path" (ternary (include "operator.metricsCertDirectory" .) "" (not (empty $v.metrics.certificateSecretName))))
  (list "pprof-bind-address" $v.profiling.bindAddress)
  (list "zap-log-level" $v.log.level)
  (list "zap-encoder" $v.log.encoder)
  (list "zap-stacktrace-level" $v.log.stacktraceLevel)
  (list "zap-time-encoding" $v.log.timeEncoding)
  (list "zap-devel" (ternary "true" "" $v.log.development))
-}}
{{- range $flags -}}
{{- if index . 1 }}{{ $args = append $args (printf "--%s=%v" (index . 0) (index . 1)) }}{{ end -}}
{{- end -}}
{{- toYaml (concat $args $v.extraArgs) -}}
{{- end -}}
