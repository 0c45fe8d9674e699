import {
  INGEST_POINTS,
  PROCESSOR_POINTS,
  RELAY_POINTS,
  type CrashAction,
  type CrashPoint,
  type Order,
  type RelayPoint,
} from '../programs/control.ts';
import type { Service } from '../system/service.ts';
import type { System } from '../system/system.ts';
import { PROJECT } from '../programs/behaviour.ts';
import type { Poison } from '../traffic/plan.ts';
import type { Attack, Fault } from './fault.ts';

/** Longer than the session of a member of the group. */
const FREEZE_MS = 3000;
/** Longer than a lease, and the deadline of an attempt with its margin. */
export const BEYOND_LEASE_MS = 8000;

/** Points that only a lane comes by. */
const OF_LANES: Partial<Record<CrashPoint, Poison[]>> = {
  'after-start-noted': [{ does: 'fail', forMs: 600, deliveries: 8, repositories: 4 }],
  'after-lane-opened': [{ does: 'fail', forMs: 400, deliveries: 12, repositories: 8 }],
  'after-lane-handlers': [{ does: 'fail', forMs: 400, deliveries: 12, repositories: 8 }],
  'before-lane-removal': [{ does: 'fail', forMs: 400, deliveries: 12, repositories: 8 }],
  'after-lane-removal': [{ does: 'fail', forMs: 400, deliveries: 12, repositories: 8 }],
  // In the second handler: what the first has done in the last run is committed by then.
  'after-dead-letter': [{ does: 'fail', in: PROJECT, forMs: null, deliveries: 6, repositories: 4 }],
};

const TITLES: Record<CrashAction, string> = {
  kill: 'SIGKILL',
  freeze: 'SIGSTOP beyond the session,',
  lose: 'the connection breaks, and the process lives on,',
};

/** Every point with SIGKILL; freezing and a lost answer where they are another story. */
export const crashPointFaults: Fault[] = [
  ...[...PROCESSOR_POINTS, ...INGEST_POINTS].map((point) => crashPoint('kill', point)),
  crashPoint('freeze', 'after-fence'),
  crashPoint('freeze', 'after-handlers'),
  crashPoint('freeze', 'before-commit'),
  crashPoint('freeze', 'after-commit'),
  crashPoint('freeze', 'before-epoch'),
  crashPoint('freeze', 'after-lane-handlers'),
  crashPoint('freeze', 'before-lane-removal'),
  crashPoint('freeze', 'after-append'),
  crashPoint('lose', 'after-commit'),
];

/** The same of relays. */
export const relayPointFaults: Fault[] = [
  ...RELAY_POINTS.map((point) => relayPoint('kill', point)),
  relayPoint('freeze', 'after-claim-commit'),
  relayPoint('freeze', 'before-send'),
  relayPoint('freeze', 'after-send'),
  relayPoint('freeze', 'before-settle-commit'),
  relayPoint('freeze', 'before-lease-renewal'),
  relayPoint('lose', 'after-claim-commit'),
  relayPoint('lose', 'after-send'),
  relayPoint('lose', 'after-settle-commit'),
];

function relayPoint(action: CrashAction, point: RelayPoint): Fault {
  const { name, title, run } = crashPoint(action, point);
  return {
    name: `relay-${name}`,
    family: 'relay',
    title: `relay: ${title.replace('the session', 'its lease')}`,
    sends: true,
    keepsData: true,
    spreadMs: 10_000,
    ...(run && { run }),
  };
}

function crashPoint(action: CrashAction, point: CrashPoint): Fault {
  const poisons = OF_LANES[point];
  return {
    name: `${action}-${point}`,
    family: 'crash-points',
    title: `${TITLES[action]} ${point.replaceAll('-', ' ')}`,
    ...(poisons && { poisons }),
    run: (attack) => strike(attack, action, point),
  };
}

/** Few come by these: every process is armed, and whoever is first strikes. */
const RARE: readonly CrashPoint[] = [
  ...(Object.keys(OF_LANES) as CrashPoint[]),
  'before-epoch',
  'after-epoch',
  'after-take-over',
];
/** Only who takes a partition over comes by these: another process has to go. */
const AT_TAKEOVER: readonly CrashPoint[] = ['before-epoch', 'after-epoch', 'after-take-over'];
const PATIENCE_MS = 4000;

/** Arms processes that live at the time, three times. */
async function strike({ system, random, pause, note }: Attack, action: CrashAction, point: CrashPoint): Promise<void> {
  const services = servicesOf(system, point);
  const isRare = RARE.includes(point);
  for (let times = 3; times > 0; times -= 1) {
    await pause(random.integer(200, 1200));
    const armed = random.shuffle(services).slice(0, isRare ? services.length : 1);
    const nth = random.integer(1, isRare ? 2 : 6);
    const trap = setTrap(armed, point, { order: 'arm', point, nth, action });
    if (AT_TAKEOVER.includes(point)) random.pick(services).signal('SIGKILL');
    for (let waited = 0; waited < PATIENCE_MS && !trap.sprung(); waited += 50) await pause(50);
    note(trap.sprung() ? `${trap.sprung()?.name}, time ${nth}` : `nobody has come there, time ${nth}`);
    if (action !== 'freeze') continue;
    await pause(services === system.relays ? BEYOND_LEASE_MS : FREEZE_MS);
    for (const it of armed) it.signal('SIGCONT');
  }
}

function servicesOf(system: System, point: CrashPoint): Service[] {
  const isOf = (points: readonly string[]): boolean => points.includes(point);
  if (isOf(INGEST_POINTS)) return system.ingests;
  return isOf(RELAY_POINTS) ? system.relays : system.processors;
}

/** A process that dies of something else takes its orders with it: the next one of that service is given them anew. */
function setTrap(services: readonly Service[], point: CrashPoint, order: Order) {
  const times = (it: Service): number => it.reached().filter((reached) => reached === point).length;
  const before = new Map(services.map((it) => [it, times(it)]));
  const told = new Map<Service, number>();
  const tell = (): void => {
    for (const it of services) {
      if (told.get(it) === it.starts()) continue;
      told.set(it, it.starts());
      it.order(order);
    }
  };
  tell();
  return {
    sprung(): Service | undefined {
      tell();
      return services.find((it) => times(it) > (before.get(it) ?? 0));
    },
  };
}
