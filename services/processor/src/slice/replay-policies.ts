import type { ReplayPolicy } from './decide.ts';

/** What is done about suspected replays, by source and event; `*` is any. */
export interface ReplayRule {
  source: string;
  event: string;
  policy: ReplayPolicy;
}

const POLICIES: readonly string[] = ['hold', 'process', 'suppress'] satisfies ReplayPolicy[];

/** Reads `source/event=policy`, separated by commas. Pure. */
export function parseReplayRules(
  text: string,
): { success: true; value: ReplayRule[] } | { success: false; reason: string } {
  const rules: ReplayRule[] = [];
  for (const entry of text.split(',').map((one) => one.trim())) {
    const [, source, event, policy] = /^([^/=\s]+)\/([^/=\s]+)=(\w+)$/.exec(entry) ?? [];
    if (source === undefined || event === undefined || policy === undefined) {
      return { success: false, reason: `${JSON.stringify(entry)} is not source/event=policy` };
    }
    if (!POLICIES.includes(policy))
      return { success: false, reason: `the policy ${policy} is not one of ${POLICIES.join(', ')}` };
    rules.push({ source, event, policy: policy as ReplayPolicy });
  }
  return { success: true, value: rules };
}

/** Of the rules that fit, the one that names most decides, source before event; where none fits it is held. Pure. */
export function replayPolicy(rules: readonly ReplayRule[], source: string, event: string): ReplayPolicy {
  const fitting = rules.filter(
    (rule) => (rule.source === '*' || rule.source === source) && (rule.event === '*' || rule.event === event),
  );
  const weight = (rule: ReplayRule) => (rule.source === '*' ? 0 : 2) + (rule.event === '*' ? 0 : 1);
  const best = fitting.toSorted((one, other) => weight(other) - weight(one))[0];
  return best?.policy ?? 'hold';
}
