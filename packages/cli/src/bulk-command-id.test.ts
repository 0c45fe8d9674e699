import { describe, expect, it } from '@jest/globals';
import { readControl, writeControl, type ControlTarget } from '@hookline/contracts';
import { bulkCommandId, type Bulk } from './bulk-command-id.ts';

const selection = { ids: null, fingerprint: 'f1', orderingKey: null, handler: null };
const bulk = (given: Partial<Bulk> = {}): Bulk => ({
  bulkId: 'b',
  command: 'redrive',
  state: 'dead',
  consumerGroup: 'g',
  topic: 't',
  selection,
  ...given,
});
const place = { partition: 3, incarnation: 1, offset: 7n };

describe('the id of a command of a bulk', () => {
  it('is a UUID that a control record takes', () => {
    const commandId = bulkCommandId(bulk(), place);
    expect(commandId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const target = {
      command: 'redrive',
      orderingKey: 'k',
      ...place,
      generation: 1,
      handlers: [],
    } satisfies ControlTarget;
    expect(readControl(writeControl({ commandId, actor: 'a', why: 'w', issuedAt: 0, target })).success).toBe(true);
  });

  // A tool of the next release must go on with a bulk of this one.
  it('is what it was in every release', () => {
    expect(bulkCommandId(bulk(), place)).toBe('a59c221e-1055-84e9-891d-f63fc212a8b4');
  });

  it('is the same for the same bulk and delivery, in whatever order its dead letters were named', () => {
    const one = bulk({ selection: { ...selection, ids: [1n, 20n, 3n] } });
    const other = bulk({ selection: { ...selection, ids: [3n, 1n, 20n] } });
    expect(bulkCommandId(one, place)).toBe(bulkCommandId(other, { ...place }));
  });

  it('is another for another delivery, bulk, command, state, selection or log', () => {
    const ids = [
      bulkCommandId(bulk(), place),
      bulkCommandId(bulk(), { ...place, partition: 4 }),
      bulkCommandId(bulk(), { ...place, incarnation: 2 }),
      bulkCommandId(bulk(), { ...place, offset: 8n }),
      bulkCommandId(bulk({ bulkId: 'c' }), place),
      bulkCommandId(bulk({ command: 'discard' }), place),
      bulkCommandId(bulk({ state: 'discarded' }), place),
      bulkCommandId(bulk({ topic: 'u' }), place),
      bulkCommandId(bulk({ consumerGroup: 'h' }), place),
      bulkCommandId(bulk({ selection: { ...selection, fingerprint: 'f2' } }), place),
      bulkCommandId(bulk({ selection: { ...selection, handler: 'welcome' } }), place),
      bulkCommandId(bulk({ selection: { ...selection, orderingKey: 'k' } }), place),
      bulkCommandId(bulk({ selection: { ...selection, ids: [1n] } }), place),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });
});
