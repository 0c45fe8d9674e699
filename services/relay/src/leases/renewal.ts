/** How often leases are renewed, in milliseconds: so that one may fail, and attempts can still begin. */
export function renewalMs(leaseMs: number): number {
  return Math.floor(leaseMs / 4);
}
