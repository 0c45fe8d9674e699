/** Where a process can be made to die, or worse. Reached by overrides in the wiring; production code knows none of them. */
export type CrashPoint = ProcessorPoint | IngestPoint | RelayPoint;

export const PROCESSOR_POINTS = [
  'before-begin',
  'after-fence',
  'in-handler',
  'after-handlers',
  'after-claims',
  'after-audit',
  'before-claims-commit',
  'after-claims-commit',
  'before-commit',
  'after-commit',
  'before-epoch',
  'after-epoch',
  'after-start-noted',
  'after-lane-opened',
  'after-lane-handlers',
  'before-lane-removal',
  'after-lane-removal',
  'after-dead-letter',
] as const;

export const INGEST_POINTS = ['before-append', 'after-append'] as const;

export const RELAY_POINTS = [
  'before-claim',
  'after-claim-commit',
  'before-send',
  'after-send',
  'before-settle-commit',
  'after-settle-commit',
  'before-lease-renewal',
  'after-take-over',
] as const;

export type ProcessorPoint = (typeof PROCESSOR_POINTS)[number];
export type IngestPoint = (typeof INGEST_POINTS)[number];
export type RelayPoint = (typeof RELAY_POINTS)[number];

/**
 * - `kill`: SIGKILL to itself, nothing is flushed
 * - `freeze`: SIGSTOP to itself; the harness wakes it
 * - `lose`: what was just done has been done, and the process is told that its connection broke
 */
export type CrashAction = 'kill' | 'freeze' | 'lose';

/** From the harness to a process. */
export type Order =
  /** At this point's `nth` time from now, once. */
  | { order: 'arm'; point: CrashPoint; nth: number; action: CrashAction }
  /** Come by every point as if nothing were there. It answers `disarmed`. */
  | { order: 'disarm' }
  /** Nothing else runs for this long. */
  | { order: 'block'; ms: number }
  /** The clock of the wall shows this much more from now on; 0 puts it right. */
  | { order: 'shift-clock'; ms: number };

/** From a process to the harness. */
export type Notice =
  | { notice: 'listening'; port: number }
  | { notice: 'reached'; point: CrashPoint; action: CrashAction }
  | { notice: 'disarmed' };

export interface Control {
  /** Called at each point. Does not return where the process dies there. Rejects for `lose`. */
  reach(point: CrashPoint): Promise<void>;
  /** The same for who cannot wait: whatever would follow in this turn does not, until the harness wakes the process. */
  reachNow(point: CrashPoint): void;
  tell(notice: Notice): Promise<void>;
}

/** A signal to oneself arrives in a moment, not at once. */
const ARRIVES_MS = 50;

/** Obeys the harness by the channel that the process was started with, and ends with it. */
export function obeyHarness(): Control {
  let armed: (Order & { order: 'arm' })[] = [];
  const now = Date.now.bind(Date);
  process.on('message', (order: Order) => {
    if (order.order === 'arm') armed.push(order);
    else if (order.order === 'block') block(order.ms);
    else if (order.order === 'disarm') {
      armed = [];
      void tell({ notice: 'disarmed' });
    } else Date.now = () => now() + order.ms;
  });
  process.on('disconnect', () => process.exit(1));

  const tell = (notice: Notice): Promise<void> =>
    new Promise((resolve) => {
      if (!process.send) resolve();
      else process.send(notice, () => resolve());
    });

  const strike = (point: CrashPoint) => {
    const due = armed.find((order) => order.point === point && --order.nth === 0);
    if (due) armed = armed.filter((order) => order !== due);
    return due;
  };

  return {
    tell,
    reachNow(point) {
      const due = strike(point);
      if (!due) return;
      void tell({ notice: 'reached', point, action: due.action });
      if (due.action === 'lose') throw new Error(`the connection broke (crash point ${point})`);
      process.kill(process.pid, due.action === 'kill' ? 'SIGKILL' : 'SIGSTOP');
      block(ARRIVES_MS);
    },
    async reach(point) {
      const due = strike(point);
      if (!due) return;
      await tell({ notice: 'reached', point, action: due.action });
      if (due.action === 'lose') throw new Error(`the connection broke (crash point ${point})`);
      process.kill(process.pid, due.action === 'kill' ? 'SIGKILL' : 'SIGSTOP');
      if (due.action === 'kill') await new Promise(() => {});
    },
  };
}

function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}
