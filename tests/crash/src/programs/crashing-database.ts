import type { AcquiredClient, Database } from '@hookline/database';
import type { Control, ProcessorPoint, RelayPoint } from './control.ts';

interface Place {
  point: ProcessorPoint | RelayPoint;
  when: 'before' | 'after';
  statement: RegExp;
  /** Only where the transaction has had such a statement, by which rows were touched. */
  of?: RegExp;
}

const IDENTITIES = /insert into hookline\.processed_deliveries/;
const CLAIM = /set state = 'sending', attempts = attempts \+ 1/;
const SETTLE = /delete from hookline\.outbox as effect/;
const TAKE = /set epoch = shard\.epoch \+ 1/;

/** Points between statements are known by the statements themselves. One that is never reached is told by the harness. */
const PLACES: Place[] = [
  { point: 'before-begin', when: 'before', statement: /^begin\b/ },
  { point: 'after-fence', when: 'after', statement: /from hookline\.partition_offsets[^;]*for update/ },
  { point: 'after-handlers', when: 'before', statement: IDENTITIES },
  { point: 'after-claims', when: 'after', statement: IDENTITIES },
  { point: 'after-audit', when: 'after', statement: /insert into hookline\.audit_log/ },
  { point: 'before-claims-commit', when: 'before', statement: /^commit$/, of: IDENTITIES },
  { point: 'after-claims-commit', when: 'after', statement: /^commit$/, of: IDENTITIES },
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
  { point: 'before-claim', when: 'before', statement: CLAIM },
  { point: 'after-claim-commit', when: 'after', statement: /^commit$/, of: CLAIM },
  { point: 'before-settle-commit', when: 'before', statement: /^commit$/, of: SETTLE },
  { point: 'after-settle-commit', when: 'after', statement: /^commit$/, of: SETTLE },
  { point: 'before-lease-renewal', when: 'before', statement: /set lease_until = clock_timestamp\(\)/ },
  { point: 'after-take-over', when: 'after', statement: /^commit$/, of: TAKE },
];

/** The same database, with crash points before and after the statements of a processor or relay. */
export function crashingDatabase(database: Database, { reach }: Control): Database {
  return {
    query: (text, values) => around(text, [], () => database.query(text, values)),
    async acquire(): Promise<AcquiredClient> {
      const client = await database.acquire();
      let touched: string[] = [];
      const noting = async <T extends { rowCount: number }>(text: string, send: () => Promise<T>): Promise<T> => {
        if (text.startsWith('begin')) touched = [];
        const answer = await send();
        if (answer.rowCount > 0) touched.push(text);
        return answer;
      };
      return {
        query: (text, values) => noting(text, () => around(text, touched, () => client.query(text, values))),
        inTransaction: () => client.inTransaction(),
        release: (discard) => client.release(discard),
      };
    },
    close: () => database.close(),
  };

  /** @param touched statements of the same transaction by which rows were touched */
  async function around<T>(text: string, touched: readonly string[], send: () => Promise<T>): Promise<T> {
    const here = PLACES.filter(
      ({ statement, of }) => statement.test(text) && (!of || touched.some((before) => of.test(before))),
    );
    if (here.length === 0) return send();
    for (const { point, when } of here) if (when === 'before') await reach(point);
    const answer = await send();
    for (const { point, when } of here) if (when === 'after') await reach(point);
    return answer;
  }
}
