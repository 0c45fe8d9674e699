import type { Handler } from './handler.ts';

const WHOLE_NUMBERS = ['timeoutMs', 'maxAttempts'] as const;
const SETTINGS: readonly string[] = [...WHOLE_NUMBERS, 'retry', 'onExhausted'];

/**
 * Why handlers cannot be what their outcomes are recorded under, or what their policies say that cannot be kept; a sentence
 * each, all of them. Two of one name would be one in a delivery's last run: the second would never run, and be taken for
 * done.
 */
export function handlerProblems(handlers: readonly Handler[]): string[] {
  const names = new Set<string>();
  const problems: string[] = [];
  for (const { name, policy = {} } of handlers) {
    if (!/^[\w./:-]{1,200}$/.test(name)) {
      problems.push(
        `${JSON.stringify(name)} is no name of a handler: letters, digits and _ . / : - only, at most 200.`,
      );
    }
    if (names.has(name)) problems.push(`Two handlers are named ${name}: outcomes are recorded under the name.`);
    names.add(name);
    for (const setting of Object.keys(policy)) {
      if (SETTINGS.includes(setting)) continue;
      problems.push(`Handler ${name} has an option ${setting}, which is not known; known are ${SETTINGS.join(', ')}.`);
    }
    for (const setting of WHOLE_NUMBERS) {
      const value = policy[setting];
      if (value === undefined || (Number.isSafeInteger(value) && value >= 1)) continue;
      problems.push(`${setting} of handler ${name} is ${value}: it must be a whole number, at least 1.`);
    }
    const { retry, onExhausted = 'hold' } = policy;
    if (retry !== undefined && !(isWait(retry?.minMs) && isWait(retry?.maxMs) && retry.minMs <= retry.maxMs)) {
      problems.push(
        `retry of handler ${name} is ${JSON.stringify(retry)}: minMs and maxMs must be whole numbers of milliseconds, ` +
          'at least 1, and minMs not above maxMs.',
      );
    }
    if (onExhausted !== 'hold' && onExhausted !== 'dead-letter') {
      problems.push(`onExhausted of handler ${name} is ${String(onExhausted)}: it must be dead-letter or hold.`);
    }
  }
  return problems;
}

const isWait = (ms: unknown): boolean => Number.isSafeInteger(ms) && (ms as number) >= 1;
