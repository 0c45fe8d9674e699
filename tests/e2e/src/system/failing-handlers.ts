import { RetryLater, type Handler } from '@hookline/handlers';
import { repositoryActivity } from '@hookline/processor';

export interface Failing {
  /** Whether a delivery with `waits` in its payload is put off now. */
  waits: () => boolean;
  /** Whether a delivery with `dies` in its payload fails now. */
  dies: () => boolean;
  /** How long a delivery is put off each time, in milliseconds; default 100. */
  afterMs?: number;
  /** Attempts of one that fails; default 1. */
  maxAttempts?: number;
}

/** The built-in handler, `later` and `deadly`: deliveries say in their payload what is to become of them. */
export function failingHandlers({ waits, dies, afterMs = 100, maxAttempts = 1 }: Failing): Handler[] {
  return [
    repositoryActivity,
    {
      kind: 'delivery',
      name: 'later',
      on: ['*'],
      run: ({ payload }) =>
        (payload as { waits?: boolean }).waits && waits()
          ? Promise.reject(new RetryLater('not yet', { afterMs }))
          : Promise.resolve(),
    },
    {
      kind: 'delivery',
      name: 'deadly',
      on: ['*'],
      policy: { maxAttempts },
      run: ({ payload }) =>
        (payload as { dies?: boolean }).dies && dies() ? Promise.reject(new Error('never')) : Promise.resolve(),
    },
  ];
}
