import { writeFileSync } from 'node:fs';
import type { Database } from '@hookline/database';
import { keep, type RecordedSlice, type Sent } from '../baselines/recorded-slices.ts';

type Statement = RecordedSlice['statements'][number];

/** Writes into a file, when this process ends, each transaction that has decided records of the log and was committed. */
export function recordSlices(file: string): (database: Database) => Database {
  const slices: RecordedSlice[] = [];
  process.on('exit', () => writeFileSync(file, slices.map((slice) => `${JSON.stringify(slice)}\n`).join('')));
  return (database) => ({
    ...database,
    async acquire() {
      const client = await database.acquire();
      let statements: Statement[] = [];
      return {
        ...client,
        async query(text, values = []) {
          if (text.startsWith('begin')) statements = [];
          statements.push({ text, values: (values as readonly Sent[]).map(keep) });
          const answer = await client.query<never>(text, values.length === 0 ? undefined : values);
          if (answer.command === 'COMMIT') slices.push(...sliceOf(statements));
          return answer;
        },
      };
    },
  });
}

/** By the statement that moves the offset: every slice has it, and nothing else does where no lane is open. */
function sliceOf(statements: Statement[]): RecordedSlice[] {
  const advance = statements.find(({ text }) => text.includes('set next_offset = $6'));
  if (!advance) return [];
  const texts = advance.values.map((value) => (typeof value === 'string' ? value : ''));
  const [, topic = '', partition, epoch = '', from, to] = texts;
  const records = Number(to) - Number(from);
  return [{ topic, partition: Number(partition), epoch, records, statements }];
}
