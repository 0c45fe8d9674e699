import type { Manifest } from './render.ts';

export interface Container {
  name: string;
  image: string;
  args?: string[];
  env?: { name: string; value?: string }[];
  ports?: { name: string; containerPort: number }[];
  securityContext?: Record<string, unknown>;
  volumeMounts?: { name: string; mountPath: string; readOnly?: boolean }[];
  lifecycle?: { preStop?: { sleep?: { seconds: number } } };
}

export interface PodSpec {
  automountServiceAccountToken?: boolean;
  serviceAccountName?: string;
  terminationGracePeriodSeconds?: number;
  securityContext?: Record<string, unknown>;
  containers: Container[];
  volumes?: Record<string, unknown>[];
}

export interface Pod {
  /** Of the object that makes it. */
  owner: string;
  /** Which of the services or jobs it is. */
  component: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  spec: PodSpec;
}

interface Template {
  metadata: { labels: Record<string, string>; annotations?: Record<string, string> };
  spec: PodSpec;
}

interface Owner {
  template?: Template;
  jobTemplate?: { spec: { template: Template } };
}

/** Every pod that Deployments, Jobs and CronJobs would make. */
export function podsOf(manifests: readonly Manifest[]): Pod[] {
  return manifests.flatMap(({ kind, metadata, spec }) => {
    const { template, jobTemplate } = (spec ?? {}) as Owner;
    const made = template ?? jobTemplate?.spec.template;
    if (made === undefined) return [];
    const { labels, annotations = {} } = made.metadata;
    const component = labels['app.kubernetes.io/component'] as string;
    return [{ owner: `${kind} ${metadata.name}`, component, labels, annotations, spec: made.spec }];
  });
}

/** The environment of a pod's one container. */
export function environmentOf({ spec }: Pod): Record<string, string> {
  const entries = spec.containers.flatMap(({ env = [] }) => env).map(({ name, value }) => [name, value ?? '']);
  return Object.fromEntries(entries) as Record<string, string>;
}

export function podOf(manifests: readonly Manifest[], component: string): Pod {
  const pod = podsOf(manifests).find((one) => one.component === component);
  if (pod === undefined) throw new Error(`There is no ${component}.`);
  return pod;
}

export function one(manifests: readonly Manifest[], kind: string, name: string): Manifest {
  const found = manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name);
  if (found === undefined) throw new Error(`There is no ${kind} ${name}.`);
  return found;
}
