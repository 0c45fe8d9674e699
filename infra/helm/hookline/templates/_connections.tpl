{{- /*
Connections of a component. All take root, component, values (config), connects (of kafka, registry) and login (of the
database; empty: none). What is secret is a file below /etc/hookline/<connection>, in a volume of that name.
*/ -}}

{{- /* The files of a connection, as a list of secret, key and path. Takes root, connection, login. */ -}}
{{- define "hookline.secretFiles" -}}
{{- $connection := index .root.Values .connection -}}
{{- $files := list -}}
{{- with $connection.tls -}}
{{- if .caSecret }}{{ $files = append $files (dict "secret" .caSecret "key" .caKey "path" "ca.crt") }}{{ end -}}
{{- if .clientSecret -}}
{{- $files = concat $files (list (dict "secret" .clientSecret "key" .certKey "path" "tls.crt") (dict "secret" .clientSecret "key" .keyKey "path" "tls.key")) -}}
{{- end -}}
{{- end -}}
{{- if eq .connection "kafka" -}}
{{- with $connection.sasl -}}
{{- if eq .mechanism "oauthbearer" -}}
{{- if .tokenKey -}}
{{- $files = append $files (dict "secret" .existingSecret "key" .tokenKey "path" "token") -}}
{{- else -}}
{{- $files = append $files (dict "secret" .existingSecret "key" .oauth.clientSecretKey "path" "client-secret") -}}
{{- if .oauth.caKey }}{{ $files = append $files (dict "secret" .existingSecret "key" .oauth.caKey "path" "oauth-ca.crt") }}{{ end -}}
{{- end -}}
{{- else if ne .mechanism "none" -}}
{{- $files = append $files (dict "secret" .existingSecret "key" .passwordKey "path" "password") -}}
{{- end -}}
{{- end -}}
{{- else if eq .connection "registry" -}}
{{- with $connection.auth -}}
{{- if .existingSecret -}}
{{- $isUser := empty .tokenKey -}}
{{- $files = append $files (dict "secret" .existingSecret "key" ($isUser | ternary .passwordKey .tokenKey) "path" ($isUser | ternary "password" "token")) -}}
{{- end -}}
{{- end -}}
{{- else -}}
{{- $login := index $connection .login -}}
{{- $files = append $files (dict "secret" (default $connection.existingSecret $login.existingSecret) "key" $login.key "path" "url") -}}
{{- end -}}
{{- toJson $files -}}
{{- end -}}

{{- define "hookline.connections" -}}
{{- if .login }}{{ append .connects "database" | toJson }}{{ else }}{{ toJson .connects }}{{ end -}}
{{- end -}}

{{- define "hookline.connectionVolumes" -}}
{{- range $connection := include "hookline.connections" . | fromJsonArray }}
{{- with include "hookline.secretFiles" (dict "root" $.root "connection" $connection "login" $.login) | fromJsonArray }}
- name: {{ $connection }}
  projected:
    defaultMode: 0440
    sources:
      {{- range . }}
      - secret:
          name: {{ .secret }}
          items:
            - { key: {{ .key | quote }}, path: {{ .path }} }
      {{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "hookline.connectionMounts" -}}
{{- range $connection := include "hookline.connections" . | fromJsonArray }}
{{- if include "hookline.secretFiles" (dict "root" $.root "connection" $connection "login" $.login) | fromJsonArray }}
- { name: {{ $connection }}, mountPath: /etc/hookline/{{ $connection }}, readOnly: true }
{{- end }}
{{- end }}
{{- end -}}

{{- /* The settings of the connections, as a map. */ -}}
{{- define "hookline.connectionSettings" -}}
{{- $values := .root.Values -}}
{{- $settings := dict -}}
{{- if has "kafka" .connects -}}
{{- $_ := set $settings "HOOKLINE_KAFKA_BROKERS" (join "," $values.kafka.brokers) -}}
{{- if $values.kafka.tls.enabled }}{{ $_ := set $settings "HOOKLINE_KAFKA_TLS" "true" }}{{ end -}}
{{- with $values.kafka.sasl -}}
{{- if ne .mechanism "none" }}{{ $_ := set $settings "HOOKLINE_KAFKA_SASL" .mechanism }}{{ end -}}
{{- if .username }}{{ $_ := set $settings "HOOKLINE_KAFKA_USERNAME" .username }}{{ end -}}
{{- if .oauth.tokenUrl }}{{ $_ := set $settings "HOOKLINE_KAFKA_OAUTH_TOKEN_URL" .oauth.tokenUrl }}{{ end -}}
{{- if .oauth.clientId }}{{ $_ := set $settings "HOOKLINE_KAFKA_OAUTH_CLIENT_ID" .oauth.clientId }}{{ end -}}
{{- if .oauth.scope }}{{ $_ := set $settings "HOOKLINE_KAFKA_OAUTH_SCOPE" .oauth.scope }}{{ end -}}
{{- end -}}
{{- end -}}
{{- if has "registry" .connects -}}
{{- $_ := set $settings "HOOKLINE_REGISTRY_URL" $values.registry.url -}}
{{- if $values.registry.auth.username }}{{ $_ := set $settings "HOOKLINE_REGISTRY_USERNAME" $values.registry.auth.username }}{{ end -}}
{{- end -}}
{{- if and .login $values.database.tls.enabled }}{{ $_ := set $settings "HOOKLINE_DATABASE_TLS" "true" }}{{ end -}}
{{- $variables := dict "ca.crt" "CA_FILE" "tls.crt" "CERT_FILE" "tls.key" "KEY_FILE" "password" "PASSWORD_FILE" "token" "TOKEN_FILE" "client-secret" "OAUTH_CLIENT_SECRET_FILE" "oauth-ca.crt" "OAUTH_CA_FILE" "url" "URL_FILE" -}}
{{- range $connection := include "hookline.connections" . | fromJsonArray -}}
{{- range include "hookline.secretFiles" (dict "root" $.root "connection" $connection "login" $.login) | fromJsonArray -}}
{{- $_ := set $settings (printf "HOOKLINE_%s_%s" (upper $connection) (index $variables .path)) (printf "/etc/hookline/%s/%s" $connection .path) -}}
{{- end -}}
{{- end -}}
{{- toJson $settings -}}
{{- end -}}

{{- /* Environment variables of a component: its connections, then what was given. */ -}}
{{- define "hookline.env" -}}
{{- range $name, $value := include "hookline.connectionSettings" . | fromJson }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- range $name, $value := include "hookline.given" (dict "root" .root "component" .component "config" .values.config) | fromJson }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end -}}
