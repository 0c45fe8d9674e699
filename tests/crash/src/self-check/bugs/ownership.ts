import type { Bug, Edit } from '../bug.ts';

const FENCE = 'packages/database/src/fence.ts';
const TAKE_OVER = 'packages/database/src/take-over-partition.ts';

/** What a stale owner holds is ended by a takeover, which hides most of what else is missing. */
const NOBODY_IS_ENDED: Edit = {
  file: TAKE_OVER,
  find: '      where starts_with(application_name, $1) and datname',
  replace: `      where starts_with(application_name, $1 || 'nobody') and datname`,
};

export const ownershipBugs: Bug[] = [
  {
    name: 'fence-not-locked',
    does: 'looks at the fence without locking it, and ends no older owner',
    edits: [{ file: FENCE, find: '\n      for update`,', replace: '`,' }, NOBODY_IS_ENDED],
    round: 'frozen-lanes',
    breaks: ['I6'],
  },
  {
    name: 'epoch-not-checked-by-slices',
    does: 'locks the fence, whoever it is of, and moves the offset in any epoch',
    edits: [
      {
        file: FENCE,
        find: 'if (!row || BigInt(row.epoch) !== fence.epoch) {',
        replace: 'if (!row) {',
      },
      {
        file: 'packages/database/src/advance-offset.ts',
        find: 'and epoch = $4 and next_offset = $5',
        replace: 'and epoch >= $4 and next_offset = $5',
      },
    ],
    round: 'frozen',
    breaks: ['I6'],
  },
  {
    name: 'epoch-not-checked-by-lanes',
    does: 'ends the run of a lane in any epoch, and ends no older owner',
    edits: [
      {
        file: 'packages/database/src/late-fence.ts',
        find: '  return lockFence(tx, fence);',
        replace: '  await lockFence(tx, fence);\n  return { success: true, nextOffset: 0n };',
      },
      NOBODY_IS_ENDED,
    ],
    round: 'frozen-lanes',
    breaks: ['I6'],
  },
  {
    name: 'epoch-not-raised',
    does: 'takes a partition over in the epoch of its former owner',
    edits: [
      {
        file: TAKE_OVER,
        find: '        set epoch = epoch + 1, owner = $4, taken_over_at = now()',
        replace: '        set epoch = epoch, owner = $4, taken_over_at = now()',
      },
    ],
    round: 'killed',
    breaks: ['I6'],
  },
];
