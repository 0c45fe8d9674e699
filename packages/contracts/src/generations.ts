/**
 * What a topic generation is to the others of its log.
 *
 * - `prepared`: its topic is there; nothing is read from it yet
 * - `active`: it is the one that is written to and read
 * - `sealing`: it is to end: Kafka is being told to refuse appends to it
 * - `draining`: it has ended, and what is in it is still being processed
 * - `moved`: all that was in it is processed, and what waits was given to the next one
 */
export const GENERATION_STATES = ['prepared', 'active', 'sealing', 'draining', 'moved'] as const;

export type GenerationState = (typeof GENERATION_STATES)[number];

/** States in which a generation is read. */
export function isRead(state: GenerationState): boolean {
  return state === 'active' || state === 'sealing' || state === 'draining';
}

/**
 * `max.message.bytes` of a sealed topic: Kafka counts a whole batch, and refuses what is larger, before anything of it is
 * written. An end mark has 76 bytes. A delivery, however well it is compressed, has 93 and more: 61 of the batch itself,
 * and the 32 of its digest. A control record has 88 and more: 61, the record's frame, and the 15 of a random UUID.
 */
export const SEALED_MESSAGE_BYTES = 80;

const MARK = Buffer.from('hook-end');

/**
 * The value of the record that ends each partition of a sealed topic. When Kafka has acknowledged it, all that was ever
 * accepted before it is in the log for good, and nothing comes behind it but further marks. It is no command: the ends
 * that count are recorded in the database.
 */
export const END_MARK: Buffer = MARK;

/** The same, but too large for a sealed topic: while one is taken, the seal is not in force. */
export const UNSEALED_MARK: Buffer = Buffer.concat([MARK, Buffer.alloc(SEALED_MESSAGE_BYTES)]);

/** Whether a record is one of these, which say nothing about any repository. */
export function isEndMark(value: Buffer | null): boolean {
  return value !== null && value.subarray(0, MARK.length).equals(MARK);
}

/** What `max.message.bytes` of a topic says: whether its appends are refused because its generation has ended. */
export function isSealed(maxMessageBytes: string | undefined): boolean {
  return maxMessageBytes !== undefined && Number(maxMessageBytes) <= SEALED_MESSAGE_BYTES;
}
