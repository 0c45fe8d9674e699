/** Part of the grace period, in milliseconds, that is left for leaving the group and closing connections. */
export const LEAVE_MS = 7000;
