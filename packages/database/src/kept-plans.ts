/**
 * How PostgreSQL plans what is {@link prepared}: once for each connection, whatever the values, and by indexes alone.
 *
 * By itself it would plan a look-up of a few values anew each time, which takes longer than running it: an array of one is
 * expected to be cheaper than one of unknown length. And a plan that was made while a table was empty would read it whole
 * when it is full, until somebody analyzes it. Where no index can serve, what is turned off is still done, at a price that
 * PostgreSQL up to 17 takes for real: it would compile such a plan.
 */
const KEPT_PLANS = { plan_cache_mode: 'force_generic_plan', enable_seqscan: 'off', jit: 'off' } as const;

/** For one transaction. */
export const KEEP_PLANS = Object.entries(KEPT_PLANS).map(([name, value]) => `set local ${name} = ${value}`);

/** As the session has it: for statements that are not ours, and may need a plan for their values, or a whole table. */
export const PLAN_AS_EVER = Object.keys(KEPT_PLANS).map((name) => `set local ${name} to default`);

/** What they set. */
export const PLAN_SETTINGS = Object.keys(KEPT_PLANS) as (keyof typeof KEPT_PLANS)[];
