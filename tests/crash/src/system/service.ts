import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { guard, release, type Ward } from '@hookline/local-stack';
import { until } from '@hookline/test-support';
import type { CrashPoint, Notice, Order } from '../programs/control.ts';
import type { Link } from './link.ts';

export type ServiceKind = 'ingest' | 'processor' | 'relay' | 'jobs';

/** The network around one service, server by server. */
export interface ServiceLinks {
  kafka: Link[];
  registry: Link;
  database: Link;
}

/**
 * A service that is kept running, as a platform would: whenever its process ends, for whatever reason, another is
 * started. Its log is one file over all its processes.
 */
export interface Service {
  name: string;
  kind: ServiceKind;
  links: ServiceLinks;
  /** Where it takes webhooks; null while no process of it does. */
  port(): number | null;
  /** Crash points that were reached, armed ones only. */
  reached(): readonly CrashPoint[];
  /** When a process was woken that had been frozen between its last look at its lease and its request, as `Date.now()` tells. */
  wokenToSend(): readonly number[];
  /** How processes ended so far. */
  ends(): readonly string[];
  /** How many processes have been started. */
  starts(): number;
  /** Heard by the process that there is; another one knows nothing of it. */
  order(order: Order): void;
  signal(signal: NodeJS.Signals): void;
  /** Wakes its process, and takes all orders to die or freeze from it: one that was not carried out yet would be later. */
  disarm(): Promise<void>;
  /** Ends the process as a deploy does, and starts none until `resume`. */
  hold(): Promise<void>;
  resume(): void;
  /** Ends it, and starts nothing more. Resolves to how the last process ended. */
  stop(): Promise<string>;
}

export interface ServiceSettings {
  name: string;
  kind: ServiceKind;
  links: ServiceLinks;
  /** The checkout whose program runs. */
  root: string;
  directory: string;
  environment: Record<string, string>;
  /** Flags of Node. */
  flags: string[];
}

const RESTART_MS = 150;
const STOP_MS = 20_000;

export function startService(settings: ServiceSettings): Service {
  const { name, kind, links, root, directory } = settings;
  const program = join(root, 'tests/crash/src/programs', `${kind}.ts`);
  const reached: CrashPoint[] = [];
  const ends: string[] = [];
  let starts = 0;
  let child: ChildProcess | undefined;
  let port: number | null = null;
  let stopping = false;
  let held: PromiseWithResolvers<void> | undefined;
  let isAlive = false;
  let isDisarmed = false;
  const wokenToSend: number[] = [];
  let isFrozenToSend = false;
  let running = Promise.resolve();

  async function keepRunning(): Promise<void> {
    while (!stopping) {
      if (held) {
        await held.promise;
        continue;
      }
      isAlive = true;
      ends.push(await runOnce());
      isAlive = false;
      port = null;
      await delay(RESTART_MS);
    }
  }

  async function runOnce(): Promise<string> {
    const log = openSync(join(directory, `${name}.log`), 'a');
    const inherited = Object.entries(process.env).filter(([variable]) => !variable.startsWith('HOOKLINE_'));
    const started = spawn(
      process.execPath,
      ['--conditions=source', '--disable-warning=ExperimentalWarning', ...settings.flags, program],
      {
        cwd: root,
        stdio: ['ignore', log, log, 'ipc'],
        env: { ...Object.fromEntries(inherited), ...settings.environment },
      },
    );
    closeSync(log);
    child = started;
    starts += 1;
    const ward: Ward = { kind: 'process', id: String(started.pid) };
    guard(ward);
    started.on('message', (notice: Notice) => {
      if (notice.notice === 'listening') port = notice.port;
      else if (notice.notice === 'disarmed') isDisarmed = true;
      else {
        reached.push(notice.point);
        isFrozenToSend = notice.point === 'before-send' && notice.action === 'freeze';
      }
    });
    // An order that comes as the process ends has nobody to obey it.
    started.on('error', () => {});
    const end = await new Promise<string>((resolve) => {
      started.once('exit', (code, signal) => resolve(signal ?? String(code)));
    });
    isFrozenToSend = false;
    release(ward);
    return end;
  }

  function send(signal: NodeJS.Signals): void {
    if (signal === 'SIGCONT' && isFrozenToSend) {
      wokenToSend.push(Date.now());
      isFrozenToSend = false;
    }
    child?.kill(signal);
  }

  function order(order: Order): void {
    if (child?.connected) child.send(order, () => {});
  }

  running = keepRunning();
  return {
    name,
    kind,
    links,
    port: () => port,
    reached: () => reached,
    wokenToSend: () => wokenToSend,
    ends: () => ends,
    order,
    starts: () => starts,
    signal: send,
    async disarm() {
      const process = starts;
      isDisarmed = false;
      order({ order: 'disarm' });
      await until(`${name} is awake and obeys`, () => {
        send('SIGCONT');
        return isDisarmed || !isAlive || starts !== process;
      });
    },
    async hold() {
      held ??= Promise.withResolvers();
      send('SIGCONT');
      child?.kill('SIGTERM');
      await until(`${name} has ended`, () => !isAlive);
    },
    resume() {
      held?.resolve();
      held = undefined;
    },
    async stop() {
      stopping = true;
      held?.resolve();
      send('SIGCONT');
      child?.kill('SIGTERM');
      const killer = setTimeout(() => child?.kill('SIGKILL'), STOP_MS);
      await running;
      clearTimeout(killer);
      await Promise.all([...links.kafka, links.registry, links.database].map((it) => it.close()));
      return ends.at(-1) ?? 'never started';
    },
  };
}

/** Rejects, with the end of its log, when one ends again and again before it has ever listened. */
export async function untilListening(services: readonly Service[], directory: string): Promise<void> {
  await until(
    'every ingest listens',
    async () => {
      const broken = services.find((service) => service.port() === null && service.ends().length > 2);
      if (broken) {
        const log = await readFile(join(directory, `${broken.name}.log`), 'utf8');
        throw new Error(`${broken.name} does not start. End of its log:\n${log.slice(-2000)}`);
      }
      return services.every((service) => service.port() !== null);
    },
    60_000,
  );
}
