import { isSampledTraceparent, validTraceparent } from '@hookline/contracts';

/**
 * Whether a trace that begins here is recorded: a share of them, by lot. What begins one and is linked to others, such as a
 * batch, is recorded with any of them: else links would lead nowhere.
 *
 * @param ratio from 0 (none of them) to 1 (all)
 * @param lot at least 0, less than 1
 */
export function isBegunRecorded(ratio: number, links: readonly string[] = [], lot = Math.random()): boolean {
  return lot < ratio || links.some((link) => validTraceparent(link) !== undefined && isSampledTraceparent(link));
}
