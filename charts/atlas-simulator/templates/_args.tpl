{{/* The command line of the simulator, as a YAML list. */}}
{{- define "simulator.args" -}}
{{- $v := .Values -}}
{{- $args := list (printf "--listen=:%d" (int $v.service.port)) "--credentials-file=/etc/atlas-simulator/credentials.json" (printf "--control=%t" $v.control.enabled) -}}
{{- range $v.projects }}{{ $args = append $args (printf "--project=%s" .) }}{{ end -}}
{{- range $v.workspaces }}{{ $args = append $args (printf "--workspace=%s" .) }}{{ end -}}
{{- range $v.control.hosts }}{{ $args = append $args (printf "--control-host=%s" .) }}{{ end -}}
{{- range $v.failures.match }}{{ $args = append $args (printf "--fail-match=%s" .) }}{{ end -}}
{{- $flags := list
  (list "auto-create" (ternary "true" "" $v.autoCreate))
  (list "idle" $v.delays.idle)
  (list "working" $v.delays.working)
  (list "pending" $v.delays.pending)
  (list "deleting" $v.delays.deleting)
  (list "initiating" $v.delays.initiating)
  (list "latency" $v.delays.latency)
  (list "latency-jitter" $v.delays.latencyJitter)
  (list "fail-vendor" $v.failures.vendor)
  (list "fail-message" $v.failures.message)
  (list "rate-limit" $v.failures.rateLimit)
  (list "rate-burst" (int $v.failures.rateBurst))
  (list "log-requests" (ternary "true" "" $v.log.requests))
-}}
{{- range $flags -}}
{{- if index . 1 }}{{ $args = append $args (printf "--%s=%v" (index . 0) (index . 1)) }}{{ end -}}
{{- end -}}
{{- toYaml (concat $args $v.extraArgs) -}}
{{- end -}}
