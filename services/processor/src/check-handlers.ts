import type { Handler } from '@hookline/handlers';

/**
 * Throws where handlers cannot be what their outcomes are recorded under, or where a policy says what cannot be kept. Two
 * of one name would be one in a delivery's last run: the second would never run, and be taken for done.
 */
export function checkHandlers(handlers: readonly Handler[]): void {
  const names = new Set<string>();
  for (const { name, policy = {} } of handlers) {
    if (!/^[\w./:-]{1,200}$/.test(name)) {
      throw new RangeError(
        `${JSON.stringify(name)} is no name of a handler: letters, digits and _ . / : - only, at most 200.`,
      );
    }
    if (names.has(name)) throw new RangeError(`Two handlers are named ${name}: outcomes are recorded under the name.`);
    names.add(name);
    for (const setting of ['timeoutMs', 'maxAttempts'] as const) {
      const value = policy[setting];
      if (value === undefined || (Number.isSafeInteger(value) && value >= 1)) continue;
      throw new RangeError(`${setting} of handler ${name} is ${value}: it must be a whole number, at least 1.`);
    }
  }
}
