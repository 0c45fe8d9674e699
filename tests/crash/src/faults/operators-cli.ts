import { deadTargets, heldTargets } from '../operators/targets.ts';
import { CLI_ACTOR } from '../operators/book.ts';
import { runHookline } from '../system/run-hookline.ts';
import type { Attack } from './fault.ts';
import { insist } from './insist.ts';

/** Exit codes: done; refused, or it could not be done; written, and not applied in time. */
const ANSWERS: readonly number[] = [0, 1, 3];
const DECIDED = ['--why', 'the harness wants it', '--as', CLI_ACTOR, '--wait', '4'];

/** Each command once or twice, by the command line, against whatever else goes on. */
export async function decideByCommandLine(attack: Attack): Promise<void> {
  const { system, random, pause, courier, note } = attack;
  const codes: string[] = [];
  const hookline = async (...args: string[]): Promise<void> => {
    const { code, output } = await runHookline(system, [...args, ...DECIDED]);
    codes.push(`${args[0]} ${args[1]} ${code}`);
    if (!ANSWERS.includes(code)) note(`${args.join(' ')}: exit code ${code}, ${output.trim().slice(-300)}`);
  };
  const key = `github.com/repository/${random.integer(1000, 1010)}`;
  await pause(random.integer(300, 1500));
  await hookline('lanes', 'hold', key);
  const genuine = courier.accepted().filter(({ event }) => event === 'issues');
  for (let n = 0; n < 2 && genuine.length > 0; n += 1) await courier.replay(random.pick(genuine).guid);
  await hookline('lanes', 'release', key);
  for (const command of ['release', 'discard']) {
    const [held] = await insist(attack, () => heldTargets(system));
    if (held) await hookline('replays', command, held.guid, '--yes');
    if (held) await courier.again(held.guid);
  }
  await pause(1500);
  for (const command of ['redrive', 'discard', 'redrive']) {
    const dead = await insist(attack, () => deadTargets(system));
    if (dead.length === 0) continue;
    const { guid, target } = random.pick(dead);
    if (target.orderingKey === null) continue;
    const decide = hookline('dead-letters', command, '--key', target.orderingKey, '--rate', '0', '--yes');
    await Promise.all([decide, command === 'redrive' && courier.again(guid)]);
  }
  note(`exit codes: ${codes.join(', ')}`);
}
