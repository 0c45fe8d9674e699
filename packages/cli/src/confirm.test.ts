import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { confirmed, type Terminal } from './confirm.ts';
import { CommandEnd } from './exit-codes.ts';
import { HAS_TERMINAL, runAtTerminal } from './testing/at-terminal.ts';
import { controlWorld, type ControlWorld } from './testing/control-world.ts';

const NO = [
  ['no', 'n\r'],
  ['nothing', '\r'],
  ['another word', 'yeah\r'],
  ['Ctrl-C', '\x03'],
  ['Ctrl-C behind a yes', 'yes\x03'],
  ['Ctrl-D', '\x04'],
] as const;

describe('a question', () => {
  /** What a person at a terminal types, and what the terminal shows. */
  function terminal({ isTTY = true } = {}): Terminal & { input: PassThrough; shown: () => string } {
    const output = Object.assign(new PassThrough(), { isTTY, columns: 80 });
    const chunks: string[] = [];
    output.setEncoding('utf8').on('data', (text: string) => chunks.push(text));
    return { input: Object.assign(new PassThrough(), { isTTY }), output, shown: () => chunks.join('') };
  }

  async function answered(keys: string): Promise<string> {
    const one = terminal();
    const asked = confirmed('Redrive them?', false, one);
    one.input.write(keys);
    return asked.then(
      () => 'yes',
      (error: unknown) => (error instanceof CommandEnd ? `${error.exitCode} ${error.message}` : String(error)),
    );
  }

  it.each(['y\r', 'Y\r', 'yes\r', ' YES \r', 'n\x7fy\r'])('is answered with yes by %j', async (keys) => {
    expect(await answered(keys)).toBe('yes');
  });

  it.each(NO)('is answered with no by %s', async (_, keys) => {
    expect(await answered(keys)).toBe('1 Nothing was changed.');
  });

  it('is answered with no by a terminal that goes away', async () => {
    const one = terminal();
    const asked = confirmed('Redrive them?', false, one);
    one.input.end();
    await expect(asked).rejects.toMatchObject({ exitCode: 1, message: 'Nothing was changed.' });
    expect(one.shown()).toMatch(/Redrive them\? \[y\/N\] .*\n$/);
  });

  it('is not asked where it was answered before, nor where nobody can answer', async () => {
    const one = terminal({ isTTY: false });
    await confirmed('Redrive them?', true, one);
    await expect(confirmed('Redrive them?', false, one)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('--yes'),
    });
    expect(one.shown()).toBe('');
  });
});

// With a pseudo-terminal: its line discipline, raw mode and signals are what a person has in between.
(HAS_TERMINAL ? describe : describe.skip)('a command at a terminal', () => {
  let world: ControlWorld;

  beforeAll(async () => {
    world = await controlWorld();
    await world.die(1);
  });
  afterAll(() => world.drop());

  const state = async () => {
    const { rows } = await world.database.query(
      `select to_jsonb(letter) as row from hookline.dead_letters letter
        union all select to_jsonb(command) from hookline.control_commands command`,
    );
    return { rows, logged: (await world.logged()).length };
  };
  const redrive = ['dead-letters', 'redrive', '--fingerprint', 'f1', '--why', 'it was mended', '--wait', '0'];
  const atTerminal = (how: Parameters<typeof runAtTerminal>[2]) => runAtTerminal(redrive, world.settings, how);

  it.each(NO)('changes nothing after %s', async (_, keys) => {
    const before = await state();
    const { exitCode, screen } = await atTerminal({ keys });
    expect(screen).toContain('Run again: 1 dead letter of 1 delivery');
    expect(screen).toMatch(/Redrive them\? \[y\/N\] .*\n.*Nothing was changed\.\r\n$/s);
    expect(exitCode).toBe(1);
    expect(await state()).toEqual(before);
  });

  it('does it after a yes', async () => {
    const before = await state();
    const { exitCode, screen } = await atTerminal({ keys: 'y\r' });
    expect({ exitCode, screen }).toEqual({ exitCode: 0, screen: expect.stringContaining('Written: 1 command.') });
    expect(await state()).toEqual({ ...before, logged: before.logged + 1 });
  });
});
