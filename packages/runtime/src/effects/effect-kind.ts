import type { Attempt } from './attempt.ts';
import type { LookResult, SendResult } from './results.ts';
import type { SendableEffect } from './sendable-effect.ts';

/** What becomes of an effect of which an attempt began and nobody knows how it ended. */
export type OnAmbiguous =
  /** The kind can tell whether it was done: {@link EffectKind.look}. */
  | 'look'
  /** It is sent again: its target recognises it, or twice is as good as once. */
  | 'resend'
  /** It waits for an operator. */
  | 'park';

/** How effects of one kind are sent. The relay has one of each kind, and calls it for many effects at once. */
export interface EffectKind {
  /** `http.post`: the `kind` of the effects that it sends. */
  name: string;
  /**
   * Whose limits the effect comes under, a host or an installation: when one effect is `limited`, all of its target
   * wait. Pure, and throws nothing, whatever the request is.
   */
  target(effect: SendableEffect): string;
  /** Pure, and throws nothing. */
  onAmbiguous(effect: SendableEffect): OnAmbiguous;
  /** Attempts after which the effect is dead; undefined, or no such function: as the relay is configured. Pure. */
  maxAttempts?(effect: SendableEffect): number | undefined;
  /**
   * Tries to send it. Settles within the attempt's deadline and soon after its signal aborts; calls
   * {@link Attempt.begin} before the first byte that could have an effect goes out. What it throws is a failure if it
   * has not begun, and ambiguous if it has.
   */
  send(effect: SendableEffect, attempt: Attempt): Promise<SendResult>;
  /**
   * Whether an earlier attempt has had its effect; there where {@link EffectKind.onAmbiguous} says `look`. Changes
   * nothing that a second look would not, so it need not begin. What it throws is `failed`.
   */
  look?(effect: SendableEffect, attempt: Attempt): Promise<LookResult>;
}
