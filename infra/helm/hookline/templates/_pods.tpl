{{- define "hookline.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- define "hookline.probes" -}}
# A start can wait for Kafka or the database for as long as it takes: it is live meanwhile, and not ready.
startupProbe:
  httpGet: { path: /livez, port: operations }
  periodSeconds: 2
  failureThreshold: 60
livenessProbe:
  httpGet: { path: /livez, port: operations }
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 3
readinessProbe:
  httpGet: { path: /readyz, port: operations }
  periodSeconds: 3
  timeoutSeconds: 3
  failureThreshold: 3
{{- end -}}

{{- /* Where pods go. */ -}}
{{- define "hookline.placement" -}}
{{- with .values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- /* What every pod has. Links of Services would set variables such as HOOKLINE_INGEST_PORT=tcp://…, which settings have, too. */ -}}
{{- define "hookline.podBasics" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  {{- toYaml .root.Values.podSecurityContext | nindent 2 }}
{{- end -}}

{{- define "hookline.strategy" -}}
{{- with .values.strategy }}
{{- toYaml . }}
{{- else }}
type: RollingUpdate
rollingUpdate:
  maxSurge: 1
  maxUnavailable: 0
{{- end }}
{{- end -}}

{{- /*
The Deployment of a service. Takes root, component, values, connects, login, replicas (null: somebody else scales it), and as
text: env, mounts, volumes, ports; checksum is of what it reads only when it starts.

One pod more and none less: where the new version does not become ready, all of the old one goes on. For processors this is
no more rebalances than the other way round (one as the new pod joins, one as the old one leaves), each of which holds the
partitions up for about a second; minReadySeconds keeps them apart.
*/ -}}
{{- define "hookline.deployment" -}}
{{- $values := .values -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "hookline.metadata" (dict "root" .root "name" .component "component" .component "annotations" $values.annotations) | nindent 2 }}
spec:
  {{- if kindIs "invalid" .replicas | not }}
  replicas: {{ .replicas }}
  {{- end }}
  minReadySeconds: {{ $values.minReadySeconds }}
  revisionHistoryLimit: 5
  selector:
    matchLabels:
      {{- include "hookline.selector" . | nindent 6 }}
  strategy:
    {{- include "hookline.strategy" . | nindent 4 }}
  template:
    metadata:
      labels:
        {{- include "hookline.selector" . | nindent 8 }}
        app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
        {{- with merge (dict) $values.podLabels .root.Values.commonLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- $annotations := merge (dict) $values.podAnnotations .root.Values.commonAnnotations }}
      {{- with .checksum }}{{- $_ := set $annotations "checksum/files" (sha256sum .) }}{{- end }}
      {{- with $annotations }}
      annotations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      serviceAccountName: {{ include "hookline.serviceAccount" .root }}
      {{- include "hookline.podBasics" . | nindent 6 }}
      {{- include "hookline.placement" . | nindent 6 }}
      # As process 1 a container's program is spared the signal by which the watchdog ends one that is blocked.
      shareProcessNamespace: true
      terminationGracePeriodSeconds: {{ include "hookline.terminationGraceSeconds" . }}
      topologySpreadConstraints:
        {{- with $values.topologySpreadConstraints }}
        {{- toYaml . | nindent 8 }}
        {{- else }}
        {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
        - maxSkew: 1
          topologyKey: {{ . }}
          whenUnsatisfiable: ScheduleAnyway
          matchLabelKeys: [pod-template-hash]
          labelSelector:
            matchLabels:
              {{- include "hookline.selector" $ | nindent 14 }}
        {{- end }}
        {{- end }}
      containers:
        - name: {{ .component }}
          image: {{ include "hookline.image" (dict "root" .root "image" $values.image) }}
          imagePullPolicy: {{ .root.Values.imagePullPolicy }}
          env:
            {{- include "hookline.env" . | nindent 12 }}
            {{- with .env }}
            {{- . | nindent 12 }}
            {{- end }}
            {{- with $values.extraEnv }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
          {{- with $values.extraEnvFrom }}
          envFrom:
            {{- toYaml . | nindent 12 }}
          {{- end }}
          ports:
            {{- with .ports }}
            {{- . | nindent 12 }}
            {{- end }}
            - { name: operations, containerPort: 9464 }
          {{- include "hookline.probes" . | nindent 10 }}
          {{- with $values.preStopSeconds }}
          lifecycle:
            preStop:
              sleep: { seconds: {{ . }} }
          {{- end }}
          resources:
            {{- toYaml $values.resources | nindent 12 }}
          securityContext:
            {{- include "hookline.containerSecurity" . | nindent 12 }}
          volumeMounts:
            - { name: tmp, mountPath: /tmp }
            {{- include "hookline.connectionMounts" . | nindent 12 }}
            {{- with .mounts }}
            {{- . | nindent 12 }}
            {{- end }}
            {{- with $values.extraVolumeMounts }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
      volumes:
        - name: tmp
          emptyDir: { sizeLimit: 64Mi }
        {{- include "hookline.connectionVolumes" . | nindent 8 }}
        {{- with .volumes }}
        {{- . | nindent 8 }}
        {{- end }}
        {{- with $values.extraVolumes }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
{{- end -}}

{{- /* The pod of a job of `hookline`. Takes root, component, arguments, values (config), connects, login, account. */ -}}
{{- define "hookline.jobPod" -}}
{{- $cli := .root.Values.cli -}}
metadata:
  labels:
    {{- include "hookline.selector" . | nindent 4 }}
    {{- with merge (dict) $cli.podLabels .root.Values.commonLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with merge (dict) $cli.podAnnotations .root.Values.commonAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  restartPolicy: Never
  {{- with .account }}
  serviceAccountName: {{ . }}
  {{- end }}
  {{- include "hookline.podBasics" . | nindent 2 }}
  {{- include "hookline.placement" (dict "root" .root "values" $cli) | nindent 2 }}
  containers:
    - name: hookline
      image: {{ include "hookline.image" (dict "root" .root "image" $cli.image) }}
      imagePullPolicy: {{ .root.Values.imagePullPolicy }}
      args: {{ toJson .arguments }}
      env:
        {{- include "hookline.env" . | nindent 8 }}
        {{- with $cli.extraEnv }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- with $cli.extraEnvFrom }}
      envFrom:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      # What it says last is why it failed.
      terminationMessagePolicy: FallbackToLogsOnError
      resources:
        {{- toYaml $cli.resources | nindent 8 }}
      securityContext:
        {{- include "hookline.containerSecurity" . | nindent 8 }}
      volumeMounts:
        - { name: tmp, mountPath: /tmp }
        {{- include "hookline.connectionMounts" . | nindent 8 }}
        {{- with $cli.extraVolumeMounts }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
  volumes:
    - name: tmp
      emptyDir: { sizeLimit: 64Mi }
    {{- include "hookline.connectionVolumes" . | nindent 4 }}
    {{- with $cli.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}
