{{- /* Rules of egress of a component. Takes root, component, connects, login. */ -}}
{{- define "hookline.egress" -}}
{{- $policy := .root.Values.networkPolicy -}}
# Names.
- ports:
    - { port: 53, protocol: UDP }
    - { port: 53, protocol: TCP }
  {{- with $policy.dnsTo }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- if has "kafka" .connects }}
# Kafka: brokers tell under which addresses they are reached.
- ports:
    {{- range concat (include "hookline.brokerPorts" .root | fromJsonArray) $policy.kafkaPorts | uniq }}
    - { port: {{ int . }}, protocol: TCP }
    {{- end }}
  {{- with $policy.kafkaTo }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- if has "registry" .connects }}
# The schema registry.
- ports:
    - { port: {{ include "hookline.urlPort" .root.Values.registry.url }}, protocol: TCP }
  {{- with $policy.registryTo }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- if .login }}
# PostgreSQL.
- ports:
    {{- range $policy.databasePorts }}
    - { port: {{ int . }}, protocol: TCP }
    {{- end }}
  {{- with $policy.databaseTo }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- with include "hookline.tracesEndpoint" . }}
# The collector of traces.
- ports:
    - { port: {{ include "hookline.urlPort" . }}, protocol: TCP }
  {{- with $policy.tracesTo }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- with $policy.extraEgress }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- /* Where a component sends traces; empty: nowhere, or it has none. */ -}}
{{- define "hookline.tracesEndpoint" -}}
{{- $values := index .root.Values .component -}}
{{- if hasKey (index (.root.Files.Get "files/settings.json" | fromJson) .component) "HOOKLINE_TRACES_ENDPOINT" -}}
{{- get (include "hookline.given" (dict "root" .root "component" .component "config" $values.config) | fromJson) "HOOKLINE_TRACES_ENDPOINT" -}}
{{- end -}}
{{- end -}}

{{- define "hookline.brokerPorts" -}}
{{- $ports := list -}}
{{- range .Values.kafka.brokers -}}
{{- $ports = append $ports (regexFind "[0-9]+$" . | default "9092" | int) -}}
{{- end -}}
{{- $ports | uniq | toJson -}}
{{- end -}}

{{- /* The port of a URL, said or by its scheme. */ -}}
{{- define "hookline.urlPort" -}}
{{- $url := urlParse . -}}
{{- $said := regexFind ":[0-9]+$" $url.host | trimPrefix ":" -}}
{{- $said | default (eq $url.scheme "https" | ternary "443" "80") -}}
{{- end -}}
