import type { KeyFacts } from '@hookline/contracts';
import { exactIds } from './exact-ids.ts';
import type { Payload } from './payload.ts';

/** What the log needs to know of a payload. Ids are exact decimal digits, however large. */
export interface PayloadFacts extends KeyFacts {
  /** Short text without NUL or lone surrogates, so that Avro and a database's text column give it back as it is. */
  action: string | null;
}

/** Longest action kept; GitHub's have 30 characters or so, and the log's tools show it in a column. */
const MAX_ACTION_LENGTH = 100;

// At most 20 digits: what an unsigned 64-bit integer has. A leading zero would give one repository two keys.
const DECIMAL = /^(0|[1-9][0-9]{0,19})$/;

/**
 * Takes action and ids out of a payload, whatever its shape and depth: what is missing, negative, fractional or of
 * another type counts as absent. So does an action that is no action: GitHub sends none with a NUL, but whoever has a
 * secret can sign one, and PostgreSQL, which cannot hold it, would refuse the record for ever. Only an id beyond 2^53
 * costs a second look at the text, since JSON.parse has rounded it.
 *
 * @param text the JSON text that `payload` was parsed from
 */
export function payloadFacts(payload: Payload, text: string): PayloadFacts {
  const repository = objectIn(payload, 'repository');
  const rounded = ID_OWNERS.some((owner) => isRounded(idIn(payload, owner)));
  const exact = rounded ? exactIds(text) : undefined;
  const owner = idIn(repository, 'owner');
  const id = (owner: (typeof ID_OWNERS)[number]): string | null => {
    const parsed = idIn(payload, owner);
    return decimal(isRounded(parsed) ? exact?.get(owner) : parsed);
  };
  return {
    action: isAction(payload.action) ? payload.action : null,
    repositoryId: id('repository'),
    ownerId: decimal(isRounded(owner) ? exactIds(text, 'repository').get('owner') : owner),
    installationId: id('installation'),
    organizationId: id('organization'),
    enterpriseId: id('enterprise'),
    senderId: id('sender'),
  };
}

function isAction(value: unknown): value is string {
  return (
    typeof value === 'string' && value.length <= MAX_ACTION_LENGTH && !value.includes('\0') && value.isWellFormed()
  );
}

const ID_OWNERS = ['repository', 'installation', 'organization', 'enterprise', 'sender'] as const;

function objectIn(payload: Payload, name: string): Payload {
  const value = payload[name];
  return typeof value === 'object' && value !== null ? (value as Payload) : {};
}

function idIn(payload: Payload, owner: string): unknown {
  return objectIn(payload, owner)['id'];
}

function isRounded(id: unknown): boolean {
  return typeof id === 'number' && !Number.isSafeInteger(id);
}

function decimal(id: unknown): string | null {
  const digits = typeof id === 'number' ? String(id) : id;
  return typeof digits === 'string' && DECIMAL.test(digits) ? digits : null;
}
