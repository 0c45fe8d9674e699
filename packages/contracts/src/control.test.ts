import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CONTROL_COMMANDS, readControl, writeControl, type Control, type ControlOrder } from './control.ts';

const AN_ID = '6c84fb90-12c4-11e1-840d-7b25c5ee775a';

const text = fc.string({ minLength: 1 }).filter((it) => !it.includes('\0'));
const decided = { commandId: fc.uuid(), actor: text, why: text, issuedAt: fc.nat() };
const count = fc.nat();
const offset = fc.bigInt({ min: 0n, max: 2n ** 62n });
const state = fc.constantFrom('none' as const, 'retrying' as const, 'held' as const);
const digest = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes));
const place = { incarnation: count, offset, generation: count };

const target = fc.oneof(
  fc.record({ command: fc.constantFrom('hold' as const, 'release' as const), orderingKey: text, state }),
  fc.record({ command: fc.constantFrom('retry' as const, 'skip' as const), orderingKey: text, state, ...place }),
  fc.record({
    command: fc.constantFrom('redrive' as const, 'discard' as const),
    orderingKey: fc.option(text),
    handlers: fc.array(text),
    ...place,
  }),
  fc.record({
    command: fc.constant('redrive' as const),
    orderingKey: fc.option(text),
    handlers: fc.array(text),
    ...place,
    state: fc.constant('discarded' as const),
  }),
  fc.record({
    command: fc.constantFrom('release-replay' as const, 'discard-replay' as const),
    orderingKey: text,
    digest,
    dedupScope: text,
    event: text,
    generation: count,
  }),
  fc.record({
    command: fc.constantFrom('redrive-effect' as const, 'discard-effect' as const),
    orderingKey: text,
    effectId: fc.uuid(),
    state: fc.constant('dead' as const),
    generation: count,
  }),
);
const order: fc.Arbitrary<ControlOrder> = fc.record({ ...decided, target });

describe('a control record', () => {
  // Of every record that was written before discarded ones could be redriven.
  it('of a redrive without a state is about what is dead, and says so by none', () => {
    const target = { command: 'redrive', orderingKey: 'k', incarnation: 1, offset: 5n, generation: 1, handlers: ['a'] };
    const written = writeControl({ ...fc.sample(order, 1)[0]!, target: target as ControlOrder['target'] });
    expect(written.state).toBe('');
    expect(readControl(written)).toMatchObject({ success: true, order: { target } });
    const discarded = { ...written, state: 'discarded' };
    expect(readControl(discarded)).toMatchObject({
      success: true,
      order: { target: { ...target, state: 'discarded' } },
    });
  });

  it('gives back the command that was written', () => {
    fc.assert(
      fc.property(order, (one) => expect(readControl(writeControl(one))).toEqual({ success: true, order: one })),
    );
  });

  it('is refused where a part of its target is missing', () => {
    const [one] = fc.sample(order, 1) as [ControlOrder];
    const blank: Control = {
      ...writeControl(one),
      orderingKey: null,
      state: '',
      incarnation: null,
      offset: null,
      generation: null,
      digest: null,
      dedupScope: null,
      event: null,
      effectId: null,
    };
    for (const command of CONTROL_COMMANDS) {
      expect(readControl({ ...blank, command })).toEqual({
        success: false,
        problem: `A ${command} lacks a part of its target.`,
      });
    }
  });

  it.each<[Partial<Control>, string]>([
    [{ command: 'explode' }, 'There is no command "explode".'],
    [{ commandId: 'A' }, 'The command id is no UUID in lower case.'],
    [{ why: '' }, 'It does not say who has decided, or why.'],
    [{ actor: 'a\0' }, 'A field contains NUL.'],
    [{ state: 'alive' }, 'A redrive lacks a part of its target.'],
    [{ command: 'discard', state: 'discarded' }, 'A discard lacks a part of its target.'],
    [{ command: 'redrive-effect', state: 'dead', effectId: 'x' }, 'A redrive-effect lacks a part of its target.'],
    [{ command: 'redrive-effect', state: '', effectId: AN_ID }, 'A redrive-effect lacks a part of its target.'],
    [{ command: 'discard-effect', state: 'dead', effectId: AN_ID.toUpperCase() }, 'lacks a part of its target.'],
    [{ offset: '-1' }, 'lacks a part of its target.'],
    [{ offset: '9'.repeat(30) }, 'lacks a part of its target.'],
  ])('is refused with %j', (change, problem) => {
    const order: ControlOrder = {
      commandId: AN_ID,
      actor: 'ada',
      why: 'because',
      issuedAt: 1,
      target: { command: 'redrive', orderingKey: 'k', incarnation: 1, offset: 5n, generation: 1, handlers: [] },
    };
    expect(readControl({ ...writeControl(order), ...change })).toEqual({
      success: false,
      problem: expect.stringContaining(problem),
    });
  });
});
