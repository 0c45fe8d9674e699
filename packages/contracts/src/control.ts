import { NUL, UUID } from './texts.ts';

/** Full name of the Avro schema of a control record: an operator's decision in the log. */
export const CONTROL_SCHEMA_NAME = 'hookline.Control';

/** The commands that travel through the log. Decisions about a halted partition cannot: it is not read. */
export const CONTROL_COMMANDS = [
  'hold',
  'release',
  'retry',
  'skip',
  'redrive',
  'discard',
  'release-replay',
  'discard-replay',
  'redrive-effect',
  'discard-effect',
] as const;

export type ControlCommand = (typeof CONTROL_COMMANDS)[number];

/**
 * The Avro schema of a control record, registered under the subject `<topic>-control`. The record has the key of what it
 * is about, and is in that key's partition, so that decisions are in order with deliveries; a command about a record that
 * is no delivery has no key, and is in the partition of that record.
 *
 * `command` is a string and no enum: an older reader refuses a command that it does not know, and goes on.
 */
export const controlSchema = {
  type: 'record',
  name: 'Control',
  namespace: 'hookline',
  doc: "An operator's decision.",
  fields: [
    {
      name: 'commandId',
      type: 'string',
      doc: 'UUID, lower case. A command takes effect once, however often it is read.',
    },
    { name: 'command', type: 'string', doc: CONTROL_COMMANDS.join(', ') },
    { name: 'actor', type: 'string', doc: 'Who has decided.' },
    { name: 'why', type: 'string', doc: 'The reason, for the audit.' },
    {
      name: 'issuedAt',
      type: { type: 'long', logicalType: 'timestamp-millis' },
      doc: 'When, by the clock of the tool.',
    },
    { name: 'orderingKey', type: ['null', 'string'], default: null, doc: 'The key of what it is about.' },
    { name: 'state', type: 'string', doc: 'The state that it was decided on; in another one it is refused.' },
    { name: 'incarnation', type: ['null', 'int'], default: null, doc: 'Of the log that has the place below.' },
    { name: 'offset', type: ['null', 'string'], default: null, doc: "Place of a dead delivery or of a lane's head." },
    {
      name: 'generation',
      type: ['null', 'int'],
      default: null,
      doc: 'Runs, tries or attempts that it had, when it was decided.',
    },
    { name: 'handlers', type: { type: 'array', items: 'string' }, default: [], doc: 'Which; none named: all of them.' },
    {
      name: 'digest',
      type: ['null', { type: 'fixed', name: 'Sha256', size: 32 }],
      default: null,
      doc: 'Payload of a held delivery.',
    },
    { name: 'dedupScope', type: ['null', 'string'], default: null, doc: 'Of a held delivery.' },
    { name: 'event', type: ['null', 'string'], default: null, doc: 'Of a held delivery.' },
    { name: 'effectId', type: ['null', 'string'], default: null, doc: 'UUID of an effect, lower case.' },
  ],
} as const;

/** A control record, as it is in the log. See {@link controlSchema} for what each field is. */
export interface Control {
  commandId: string;
  command: string;
  actor: string;
  why: string;
  /** Milliseconds since the Unix epoch. */
  issuedAt: number;
  orderingKey: string | null;
  state: string;
  incarnation: number | null;
  /** Decimal digits. */
  offset: string | null;
  generation: number | null;
  handlers: string[];
  digest: Buffer | null;
  dedupScope: string | null;
  event: string | null;
  effectId: string | null;
}

/** Who has decided, and why. */
export interface Decided {
  commandId: string;
  actor: string;
  why: string;
  /** Milliseconds since the Unix epoch. */
  issuedAt: number;
}

/** State of a key's lane. */
export type LaneState = 'none' | 'retrying' | 'held';

/** What a command is about, with the state that it was decided on. */
export type ControlTarget =
  /** Deliveries of a key wait from here on, or no longer. */
  | { command: 'hold' | 'release'; orderingKey: string; state: LaneState }
  /** The head of a key's lane, by its place in the log and the tries that it had. */
  | {
      command: 'retry' | 'skip';
      orderingKey: string;
      state: LaneState;
      incarnation: number;
      offset: bigint;
      generation: number;
    }
  /** Dead handlers of a delivery, by its place in the log; without a key, a record that is no delivery. */
  | {
      command: 'redrive' | 'discard';
      orderingKey: string | null;
      incarnation: number;
      offset: bigint;
      /** Of its dead letters, the highest. */
      generation: number;
      /** Empty: all that are dead, or discarded where that is the state. */
      handlers: string[];
      /** A redrive of what an operator has discarded; absent: of what is dead. In the record `''` stands for that. */
      state?: 'discarded';
    }
  /** What is held, by its payload. */
  | {
      command: 'release-replay' | 'discard-replay';
      orderingKey: string;
      digest: Buffer;
      dedupScope: string;
      event: string;
      generation: number;
    }
  /** An effect that will not be tried again. */
  | {
      command: 'redrive-effect' | 'discard-effect';
      orderingKey: string;
      effectId: string;
      state: 'dead';
      /** Attempts that it has ever had. */
      generation: number;
    };

/** A command, checked. */
export type ControlOrder = Decided & { target: ControlTarget };

const DIGITS = /^(0|[1-9][0-9]{0,18})$/;
const LANE_STATES: readonly string[] = ['none', 'retrying', 'held'];

/** What a control record says, or why nobody can tell. Pure. */
export function readControl(
  control: Control,
): { success: true; order: ControlOrder } | { success: false; problem: string } {
  const problem = controlProblem(control);
  if (problem !== null) return { success: false, problem };
  const target = targetOf(control);
  if (target === null) return { success: false, problem: `A ${control.command} lacks a part of its target.` };
  const { commandId, actor, why, issuedAt } = control;
  return { success: true, order: { commandId, actor, why, issuedAt, target } };
}

function controlProblem({ commandId, command, actor, why, orderingKey, handlers, dedupScope, event }: Control) {
  if (!UUID.test(commandId)) return 'The command id is no UUID in lower case.';
  if (!(CONTROL_COMMANDS as readonly string[]).includes(command))
    return `There is no command ${JSON.stringify(command)}.`;
  if (actor === '' || why === '') return 'It does not say who has decided, or why.';
  const texts = [actor, why, orderingKey, dedupScope, event, ...handlers];
  return texts.some((text) => text?.includes(NUL)) ? 'A field contains NUL.' : null;
}

function targetOf(control: Control): ControlTarget | null {
  const { orderingKey, incarnation, generation, handlers, digest, dedupScope, event, effectId } = control;
  const command = control.command as ControlCommand;
  const state = LANE_STATES.includes(control.state) ? (control.state as LaneState) : null;
  const offset = control.offset !== null && DIGITS.test(control.offset) ? BigInt(control.offset) : null;
  switch (command) {
    case 'hold':
    case 'release':
      return orderingKey === null || state === null ? null : { command, orderingKey, state };
    case 'retry':
    case 'skip':
      if (orderingKey === null || state === null || incarnation === null) return null;
      return offset === null || generation === null
        ? null
        : { command, orderingKey, state, incarnation, offset, generation };
    case 'redrive':
    case 'discard':
      if (incarnation === null || offset === null || generation === null) return null;
      if (control.state === '') return { command, orderingKey, incarnation, offset, generation, handlers };
      return command === 'redrive' && control.state === 'discarded'
        ? { command, orderingKey, incarnation, offset, generation, handlers, state: 'discarded' }
        : null;
    case 'release-replay':
    case 'discard-replay':
      if (orderingKey === null || digest === null || dedupScope === null) return null;
      return event === null || generation === null
        ? null
        : { command, orderingKey, digest, dedupScope, event, generation };
    case 'redrive-effect':
    case 'discard-effect':
      if (orderingKey === null || effectId === null || !UUID.test(effectId)) return null;
      return generation === null || control.state !== 'dead'
        ? null
        : { command, orderingKey, effectId, state: 'dead', generation };
  }
}

/** The record of a command; {@link readControl} gives the command back. */
export function writeControl({ target, ...decided }: ControlOrder): Control {
  return {
    state: '',
    incarnation: null,
    generation: null,
    handlers: [],
    digest: null,
    dedupScope: null,
    event: null,
    effectId: null,
    ...decided,
    ...target,
    offset: 'offset' in target ? String(target.offset) : null,
  };
}
