/** SQL: two rows are of one delivery. */
export const same = (one: string, other: string) =>
  `${one}.guid = ${other}.guid and ${one}.digest = ${other}.digest and ${one}.dedup_scope = ${other}.dedup_scope`;
