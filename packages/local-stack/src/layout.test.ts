import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { releasePort } from './free-ports.ts';
import { readLayout, type StackLayout } from './layout.ts';

describe('the layout of a stack', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'hookline-layout-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  /** As a start that was stopped again. */
  async function run(
    ...args: [brokers: number, wished?: { kafka?: number[]; postgres?: number }]
  ): Promise<StackLayout> {
    const layout = await readLayout(directory, args[0], args[1] ?? {});
    Object.values(layout.ports).flat().forEach(releasePort);
    return layout;
  }

  it('is the same at the next start', async () => {
    const first = await run(2);
    expect(first.ports.kafka).toHaveLength(2);
    expect(await run(2)).toEqual(first);
  });

  it('takes wished ports before those of the last run', async () => {
    const first = await run(1);
    const second = await run(1, { postgres: first.ports.postgres + 1, kafka: [first.ports.kafka[0] as number] });
    expect(second.ports.kafka).toEqual(first.ports.kafka);
    expect(second.ports.registry).toBe(first.ports.registry);
    expect(second.ports.postgres).not.toBe(first.ports.postgres);
    expect(second.clusterId).toBe(first.clusterId);
  });

  it('has a cluster id that no tool takes for an option', async () => {
    for (let count = 0; count < 300; count += 1) {
      await rm(join(directory, 'stack.json'), { force: true });
      expect((await run(1)).clusterId).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_-]{21}$/);
    }
  });

  it('that cannot be read is an error, not a new layout over old data', async () => {
    await writeFile(join(directory, 'stack.json'), '{');
    await expect(run(1)).rejects.toThrow(SyntaxError);
  });
});
