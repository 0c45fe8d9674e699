import { existsSync } from 'node:fs';
import type { Database } from '@hookline/database';
import type { DeliveryHandler } from '@hookline/handlers';

/** What a harmful delivery does to the process that handles it. */
export const HARMS = [
  /** Nothing: it is handled like any other. */
  'none',
  /** Ends it, and leaves no word. */
  'exit',
  /** Takes more memory than there is. */
  'exhaust',
  /** Computes for ever: timers, heartbeats and signal handlers run no more. */
  'loop',
  /** Computes until the file named by BLOCKED_UNTIL is there. */
  'block',
  /** Stops it in the middle of the transaction, as by SIGSTOP from outside. */
  'freeze',
  /** Stops it when all is written and COMMIT is the next thing to be sent. */
  'freeze-before-commit',
] as const;
export type Harm = (typeof HARMS)[number];

const EXIT_CODE = 7;

/** The handler that obeys, and what it needs around the database. */
export function createHarm(harm: Harm, environment: NodeJS.ProcessEnv) {
  let armed = false;
  const acts: Record<Harm, () => void> = {
    none: () => {},
    exit: () => process.exit(EXIT_CODE),
    exhaust: takeAllMemory,
    loop: () => {
      for (let x = 0; ;) x = (x + Math.sqrt(x)) % 7;
    },
    block() {
      say('blocks');
      while (!existsSync(environment['BLOCKED_UNTIL'] as string));
    },
    freeze,
    'freeze-before-commit': () => void (armed = true),
  };

  const harmful: DeliveryHandler = {
    kind: 'delivery',
    name: 'harmful',
    on: ['*'],
    run({ payload }) {
      if ((payload as { harmful?: boolean }).harmful) acts[harm]();
      return Promise.resolve();
    },
  };

  const aroundDatabase = (database: Database): Database => ({
    ...database,
    async acquire() {
      const client = await database.acquire();
      return {
        ...client,
        query(text, values) {
          if (armed && text === 'commit') {
            armed = false;
            freeze();
          }
          return client.query(text, values);
        },
      };
    },
  });
  return { harmful, aroundDatabase };
}

/** Fails for a delivery that says so, for as long as the environment does. */
export function createMoody(environment: NodeJS.ProcessEnv): DeliveryHandler {
  return {
    kind: 'delivery',
    name: 'moody',
    on: ['*'],
    run({ payload }) {
      const fails = (payload as { moody?: boolean }).moody && environment['MOODY'] === 'true';
      return fails ? Promise.reject(new Error('not today')) : Promise.resolve();
    },
  };
}

/** From the inside, since only there one knows the place; it returns when somebody sends SIGCONT. */
function freeze(): void {
  say('freezes');
  process.kill(process.pid, 'SIGSTOP');
}

function takeAllMemory(): void {
  const taken: unknown[] = [];
  // In large pieces: many small ones would be collected, in vain, for longer than the watchdog waits.
  // oxlint-disable-next-line unicorn/no-new-array -- Array.from takes its time for a large one
  for (;;) taken.push(new Array(2_000_000).fill(0.5));
}

/** A line like the log's own. */
function say(msg: string): void {
  process.stdout.write(`${JSON.stringify({ level: 'info', msg })}\n`);
}
