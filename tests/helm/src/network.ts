import type { Pod } from './pods.ts';
import type { Manifest } from './render.ts';

interface Port {
  port: number;
  protocol: string;
}

interface Rule {
  ports?: Port[];
  from?: object[];
  to?: object[];
}

interface Policy {
  podSelector: { matchLabels: Record<string, string> };
  policyTypes: string[];
  ingress?: Rule[];
  egress?: Rule[];
}

/** Ports that a pod may be reached at, or may reach, with whom: as the policies that select it add up. */
export function openings(manifests: readonly Manifest[], pod: Pod, way: 'Ingress' | 'Egress'): Map<number, object[]> {
  const policies = manifests
    .filter(({ kind }) => kind === 'NetworkPolicy')
    .map(({ spec }) => spec as Policy)
    .filter(({ podSelector, policyTypes }) => policyTypes.includes(way) && selects(podSelector.matchLabels, pod));
  // Without any policy Kubernetes lets everything through.
  if (policies.length === 0) throw new Error(`Nothing bounds ${way} of ${pod.owner}.`);
  const open = new Map<number, object[]>();
  for (const rule of policies.flatMap(({ ingress = [], egress = [] }) => (way === 'Ingress' ? ingress : egress))) {
    const peers = (way === 'Ingress' ? rule.from : rule.to) ?? [];
    for (const { port } of rule.ports ?? [{ port: -1, protocol: 'any' }]) open.set(port, peers);
  }
  return open;
}

function selects(labels: Record<string, string>, pod: Pod): boolean {
  return Object.entries(labels).every(([name, value]) => pod.labels[name] === value);
}
