import type { KeyFacts } from '@hookline/contracts';
import { exactIds } from './exact-ids.ts';
import type { Payload } from './payload.ts';

/** What the log needs to know of a payload. Ids are exact decimal digits, however large. */
export interface PayloadFacts extends KeyFacts {
  action: string | null;
}

/** Longest action kept; GitHub's have 30 characters or so, and the log's tools show it in a column. */
const MAX_ACTION_LENGTH = 100;

// At most 20 digits: what an unsigned 64-bit integer has. A leading zero would give one repository two keys.
const DECIMAL = /^(0|[1-9][0-9]{0,19})$/;

/**
 * Takes action and ids out of a payload, whatever its shape and depth: what is missing, negative, fractional or of
 * another type counts as absent. Only an id beyond 2^53 costs a second look at the text, since JSON.parse has rounded
 * it.
 *
 * @param text the JSON text that `payload` was parsed from
 */
export function payloadFacts(payload: Payload, text: string): PayloadFacts {
  const rounded = ID_OWNERS.some((owner) => isRounded(idIn(payload, owner)));
  const exact = rounded ? exactIds(text) : undefined;
  const id = (owner: (typeof ID_OWNERS)[number]): string | null => {
    const parsed = idIn(payload, owner);
    return decimal(isRounded(parsed) ? exact?.get(owner) : parsed);
  };
  const { action } = payload;
  return {
    action: typeof action === 'string' && action.length <= MAX_ACTION_LENGTH ? action : null,
    repositoryId: id('repository'),
    installationId: id('installation'),
    organizationId: id('organization'),
    enterpriseId: id('enterprise'),
    senderId: id('sender'),
  };
}

const ID_OWNERS = ['repository', 'installation', 'organization', 'enterprise', 'sender'] as const;

function idIn(payload: Payload, owner: (typeof ID_OWNERS)[number]): unknown {
  const value = payload[owner];
  return typeof value === 'object' && value !== null ? (value as { id?: unknown }).id : undefined;
}

function isRounded(id: unknown): boolean {
  return typeof id === 'number' && !Number.isSafeInteger(id);
}

function decimal(id: unknown): string | null {
  const digits = typeof id === 'number' ? String(id) : id;
  return typeof digits === 'string' && DECIMAL.test(digits) ? digits : null;
}
