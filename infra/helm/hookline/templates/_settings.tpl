{{- /*
Settings of the services. What they are, and their defaults, is in files/settings.json, which `npm run docs` makes of the
services' own option tables.
*/ -}}

{{- /* A value as the environment has it: numbers with all of their digits, lists with commas. */ -}}
{{- define "hookline.text" -}}
{{- if kindIs "slice" . -}}
{{- join "," . -}}
{{- else if and (kindIs "float64" .) (eq (floor .) .) -}}
{{- printf "%.0f" . -}}
{{- else -}}
{{- . -}}
{{- end -}}
{{- end -}}

{{- /* The settings that somebody has given for a component and that it has, as JSON: its own before those of all. */ -}}
{{- define "hookline.given" -}}
{{- $known := index (.root.Files.Get "files/settings.json" | fromJson) .component -}}
{{- $given := dict -}}
{{- range $name, $value := .root.Values.config -}}
{{- if hasKey $known $name }}{{- $_ := set $given $name (include "hookline.text" $value) -}}{{ end -}}
{{- end -}}
{{- range $name, $value := .config -}}
{{- $_ := set $given $name (include "hookline.text" $value) -}}
{{- end -}}
{{- toJson $given -}}
{{- end -}}

{{- /* One setting of a component: as given, else its default. Takes root, component, config, setting. */ -}}
{{- define "hookline.setting" -}}
{{- $known := index (.root.Files.Get "files/settings.json" | fromJson) .component -}}
{{- $given := include "hookline.given" . | fromJson -}}
{{- if hasKey $given .setting }}{{ index $given .setting }}{{ else }}{{ index $known .setting }}{{ end -}}
{{- end -}}

{{- /* The same of the processor, whose view of the log is everybody's. */ -}}
{{- define "hookline.processorSetting" -}}
{{- include "hookline.setting" (dict "root" .root "component" "processor" "config" .root.Values.processor.config "setting" .setting) -}}
{{- end -}}

{{- /* How many processors can have work: partitions of the topic, or of the one that the log moves to, if that has more. */ -}}
{{- define "hookline.partitions" -}}
{{- $now := include "hookline.processorSetting" (dict "root" . "setting" "HOOKLINE_TOPIC_PARTITIONS") | int -}}
{{- $next := include "hookline.processorSetting" (dict "root" . "setting" "HOOKLINE_TOPIC_NEXT_PARTITIONS") | int -}}
{{- max $now $next -}}
{{- end -}}

{{- /* The topic that is read. The first generation has the plain name. */ -}}
{{- define "hookline.topic" -}}
{{- $generation := include "hookline.processorSetting" (dict "root" . "setting" "HOOKLINE_TOPIC_GENERATION") | int -}}
{{- include "hookline.processorSetting" (dict "root" . "setting" "HOOKLINE_TOPIC") -}}
{{- if gt $generation 1 }}.g{{ $generation }}{{ end -}}
{{- end -}}

{{- /*
Seconds from the moment when a pod is to stop until it is killed: the sleep before the signal, the drain, and 5 more. Shorter,
and a drain that uses its time is cut off in the middle.
*/ -}}
{{- define "hookline.terminationGraceSeconds" -}}
{{- $ms := include "hookline.setting" (dict "root" .root "component" .component "config" .values.config "setting" "HOOKLINE_STOP_GRACE_MS") | float64 -}}
{{- add (.values.preStopSeconds | default 0) (divf $ms 1000 | ceil | int) 5 -}}
{{- end -}}
