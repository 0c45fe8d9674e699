import type { AcquiredClient, Database } from '@hookline/database';
import type { Control, ProcessorPoint } from './control.ts';

interface Place {
  point: ProcessorPoint;
  when: 'before' | 'after';
  statement: RegExp;
}

/** Points between statements are known by the statements themselves. One that is never reached is told by the harness. */
const PLACES: Place[] = [
  { point: 'before-begin', when: 'before', statement: /^begin\b/ },
  { point: 'after-fence', when: 'after', statement: /from hookline\.partition_offsets[^;]*for update/ },
  { point: 'after-handlers', when: 'before', statement: /insert into hookline\.processed_deliveries/ },
  { point: 'after-claims', when: 'after', statement: /insert into hookline\.processed_deliveries/ },
  { point: 'after-audit', when: 'after', statement: /insert into hookline\.audit_log/ },
  { point: 'before-commit', when: 'before', statement: /^commit$/ },
  { point: 'after-commit', when: 'after', statement: /^commit$/ },
  {
    point: 'before-epoch',
    when: 'before',
    statement: /hookline\.partition_offsets[^;]*set epoch = (\w+\.)?epoch \+ 1/,
  },
  { point: 'after-epoch', when: 'after', statement: /hookline\.partition_offsets[^;]*set epoch = (\w+\.)?epoch \+ 1/ },
  { point: 'after-start-noted', when: 'after', statement: /insert into hookline\.record_starts/ },
  { point: 'after-lane-opened', when: 'after', statement: /insert into hookline\.lanes\b/ },
  { point: 'after-lane-handlers', when: 'before', statement: /^select where current_setting\('application_name'\)/ },
  { point: 'before-lane-removal', when: 'before', statement: /delete from hookline\.lane_deliveries/ },
  { point: 'after-lane-removal', when: 'after', statement: /delete from hookline\.lane_deliveries/ },
  { point: 'after-dead-letter', when: 'after', statement: /insert into hookline\.dead_letters/ },
];

/** The same database, with crash points before and after the statements of a processor. */
export function crashingDatabase(database: Database, { reach }: Control): Database {
  return {
    query: (text, values) => around(text, () => database.query(text, values)),
    async acquire(): Promise<AcquiredClient> {
      const client = await database.acquire();
      return {
        query: (text, values) => around(text, () => client.query(text, values)),
        inTransaction: () => client.inTransaction(),
        release: (discard) => client.release(discard),
      };
    },
    close: () => database.close(),
  };

  async function around<T>(text: string, send: () => Promise<T>): Promise<T> {
    const here = PLACES.filter(({ statement }) => statement.test(text));
    if (here.length === 0) return send();
    for (const { point, when } of here) if (when === 'before') await reach(point);
    const answer = await send();
    for (const { point, when } of here) if (when === 'after') await reach(point);
    return answer;
  }
}
