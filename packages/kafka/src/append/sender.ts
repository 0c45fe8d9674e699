import type { Message, RecordMetadata } from 'kafkajs';
import type { Queued } from './append-queue.ts';
import { classifyFailure, type SendFailure } from './classify-failure.ts';
import type { LogProducer } from './log-producer.ts';
import { readAnswer } from './read-answer.ts';

/** How a send ended. `offsets` are in the order of its records. */
export type SendOutcome = { success: true; offsets: string[] } | { success: false; failure: SendFailure; error: Error };

export interface SenderSettings<T> {
  /** The next records to send, already taken from the queue; empty when there are none. */
  next(): Queued<T>[];
  toMessage(record: Queued<T>): Message;
  /** How long a send of so many bytes may take, in milliseconds. */
  timeoutFor(bytes: number): number;
  createProducer(attempt: number): LogProducer;
  /** What it means that a batch was refused as too large: it may be, or the topic is sealed. Never rejects. */
  judgeTooLarge(batch: Queued<T>[]): Promise<SendFailure>;
  /** Called once for each batch from `next`, before `next` is asked again. */
  onOutcome(batch: Queued<T>[], outcome: SendOutcome): void;
  onReplaced(error: Error): void;
}

/** Sends for one broker, one send at a time, with a producer of its own. */
export interface Sender {
  /** Sends while there is something to send. */
  pump(): void;
  /** Takes a new producer for the next send: what this one knows of the cluster is out of date. */
  renew(): void;
  close(): Promise<void>;
}

const FIRST_BACKOFF_MS = 50;
const LONGEST_BACKOFF_MS = 1_000;

export function createSender<T>(settings: SenderSettings<T>): Sender {
  let producer: LogProducer | undefined;
  let busy = false;
  let outdated = false;
  let closed = false;
  let failures = 0;
  let attempts = 0;
  let pause: NodeJS.Timeout | undefined;

  function pump(): void {
    if (busy || closed || pause !== undefined) return;
    const batch = settings.next();
    if (batch.length === 0) return;
    busy = true;
    void send(batch).then((outcome) => {
      busy = false;
      if (outcome.success) failures = 0;
      else afterFailure(outcome.failure, outcome.error);
      settings.onOutcome(batch, outcome);
      pump();
    });
  }

  async function send(batch: Queued<T>[]): Promise<SendOutcome> {
    if (outdated) replace();
    producer ??= settings.createProducer(attempts++);
    try {
      const timeoutMs = settings.timeoutFor(batch.reduce((sum, { bytes }) => sum + bytes, 0));
      return read(batch, await producer.send(batch.map(settings.toMessage), timeoutMs));
    } catch (error) {
      const said = classifyFailure(error);
      const failure = said === 'TOO_LARGE' ? await settings.judgeTooLarge(batch) : said;
      return { success: false, failure, error: error as Error };
    }
  }

  function read(batch: Queued<T>[], metadata: RecordMetadata[]): SendOutcome {
    const answer = readAnswer(
      batch.map((record) => record.partition),
      metadata,
    );
    if (answer.success) return answer;
    return { success: false, failure: 'TRANSIENT', error: new Error(answer.detail) };
  }

  /** Where the broker refused a record for what it is, the connection is sound; after all else it is in doubt. */
  function afterFailure(failure: SendFailure, error: Error): void {
    if (failure === 'TOO_LARGE' || failure === 'INVALID' || failure === 'SEALED') return;
    replace();
    settings.onReplaced(error);
    if (closed) return;
    failures++;
    const delay = Math.min(FIRST_BACKOFF_MS * 2 ** (failures - 1), LONGEST_BACKOFF_MS);
    pause = setTimeout(() => {
      pause = undefined;
      pump();
    }, delay);
  }

  function replace(): void {
    producer?.abandon();
    producer = undefined;
    outdated = false;
  }

  return {
    pump,
    renew() {
      outdated = true;
    },
    async close() {
      closed = true;
      clearTimeout(pause);
      await producer?.close();
    },
  };
}
