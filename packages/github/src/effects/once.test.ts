import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LookResult, SendableEffect } from '@hookline/runtime';
import fc from 'fast-check';
import type { FaultKind } from '../stand-in/index.ts';
import { aComment, anAttempt, anEffect, type GithubWorld, startGithubWorld } from '../testing/github-world.ts';

const fault = fc.constantFrom<FaultKind>(
  { kind: 'none' },
  { kind: 'none' },
  { kind: 'drop-reply' },
  { kind: 'drop-request' },
  { kind: 'error-after' },
  { kind: 'error' },
  { kind: 'error', status: 500 },
  { kind: 'error', status: 401 },
  { kind: 'error', status: 409 },
  { kind: 'secondary-limit', retryAfter: 1 },
  { kind: 'primary-limit', resetMs: 1000 },
  { kind: 'too-many-requests', retryAfter: 1 },
);
/** What requests meet, one after another: those that make or change the thing, and all others. */
const troubles = fc.record({ acts: fc.array(fault, { maxLength: 5 }), others: fc.array(fault, { maxLength: 5 }) });
const ACTS = '/comments$|/comments/[0-9]+$|/check-runs$|/check-runs/[0-9]+$';

/**
 * The argument: whatever an attempt comes to, the next step by the kind's own word makes it one in the end. The relay adds
 * the times to wait, which GitHub's stand-in does not need: it acts at once or never.
 */
describe('an effect is had once, whatever requests meet on their way', () => {
  let world: GithubWorld;
  let subject = 0;

  beforeAll(async () => {
    world = await startGithubWorld();
  });
  afterAll(async () => {
    expect(() => world.standIn.assertConforms()).not.toThrow();
    await world.close();
  });

  /** As a relay does it, each attempt by another relay: none knows what others have done. */
  async function settle(effect: SendableEffect): Promise<string> {
    let ambiguous = false;
    for (let number = 1; number < 100; number += 1) {
      const kind = world.another()(effect.kind);
      const attempt = anAttempt(effect, { number });
      if (ambiguous && kind.onAmbiguous(effect) === 'look') {
        const { found } = (await kind.look?.(effect, attempt)) as LookResult;
        if (found === 'sent') return 'sent';
        if (found === 'failed') continue;
      }
      const { outcome } = await kind.send(effect, attempt);
      ambiguous = outcome === 'ambiguous';
      if (outcome === 'sent' || outcome === 'refused') return outcome;
    }
    throw new Error('It is never settled.');
  }

  const sticky = (body: string) => anEffect('github.stickyComment', { issueNumber: subject, name: 'report', body });
  const checkRun = (status: string) =>
    anEffect('github.checkRun', { headSha: String(subject), name: 'build', fields: { status } });

  it.each<[string, () => SendableEffect[]]>([
    ['comment', () => [aComment('Hello', { issueNumber: subject })]],
    ['sticky comment', () => [sticky('One'), sticky('Two')]],
    ['check run', () => [checkRun('queued'), checkRun('in_progress')]],
  ])('a %s', async (_, make) => {
    await fc.assert(
      fc.asyncProperty(troubles, async ({ acts, others }) => {
        subject += 1;
        const here = String(subject);
        world.standIn.clearFaults();
        for (const met of acts) {
          for (const method of ['POST', 'PATCH']) world.standIn.fault({ fault: met, match: { method, path: ACTS } });
        }
        for (const method of ['GET', 'DELETE']) {
          for (const met of others) world.standIn.fault({ fault: met, match: { method } });
        }
        for (const met of others) world.standIn.fault({ fault: met, match: { path: '/access_tokens$' } });
        let settled = '';
        for (const effect of make()) settled = await settle(effect);
        const there = [
          ...world.standIn.comments().map(({ issueNumber }) => String(issueNumber)),
          ...world.standIn.checkRuns().map(({ headSha }) => headSha),
        ];
        const count = there.filter((place) => place === here).length;
        expect([settled, count]).toEqual(['sent', 1]);
      }),
      { numRuns: 40 },
    );
    expect(world.standIn.doubled()).toEqual([]);
  });
});
