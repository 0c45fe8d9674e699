import type { Queryable } from '../database.ts';

export type PlanNode = Record<string, unknown> & {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Cond'?: string;
  Plans?: PlanNode[];
};

/** Every node of the plans of the very statements that `verb` sends, which run. */
export async function explain(on: Queryable, verb: (tx: Queryable) => Promise<unknown>): Promise<PlanNode[]> {
  const plans: PlanNode[] = [];
  const explaining: Queryable = {
    async query(text, values) {
      const { rows } = await on.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
        `explain (analyze, buffers, format json) ${text}`,
        values,
      );
      plans.push((rows[0] as { 'QUERY PLAN': [{ Plan: PlanNode }] })['QUERY PLAN'][0].Plan);
      return { rows: [], rowCount: 0, command: 'EXPLAIN' };
    },
  };
  // A verb that misses the rows of its own answer may say so.
  await verb(explaining).catch(() => {});
  return plans.flatMap(nodes);
}

function nodes(plan: PlanNode): PlanNode[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodes)];
}
