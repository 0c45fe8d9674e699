import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { anAttempt, anEffect, type GithubWorld, startGithubWorld } from '../../testing/github-world.ts';
import { user } from '../../testing/stand-in-client.ts';
import { stickyMarker } from '../marker.ts';

const sticky = (body: string, name = 'report', issueNumber = 7) =>
  anEffect('github.stickyComment', { issueNumber, name, body });

describe('a sticky comment', () => {
  let world: GithubWorld;

  beforeEach(async () => {
    world = await startGithubWorld();
  });
  afterEach(async () => {
    expect(() => world.standIn.assertConforms()).not.toThrow();
    await world.close();
  });

  const bodies = () => world.standIn.comments().map(({ body }) => body.split('\n')[0]);
  const did = () => world.standIn.acts().map((act) => act.did);

  it('is made once, and changed from then on, also by a relay that has not made it', async () => {
    const made = await world.send(sticky('One'));
    const changed = await world.send(sticky('Two'));
    expect(changed).toEqual(made);
    const other = sticky('Three');
    expect(await world.another()('github.stickyComment').send(other, anAttempt(other))).toEqual(made);
    expect(bodies()).toEqual(['Three']);
    expect(did()).toEqual(['create', 'update', 'update']);
    expect(world.standIn.acts()).toMatchObject([{ name: 'report' }, { name: 'report' }, { name: 'report' }]);
  });

  it('is not looked for by who has just written it', async () => {
    await world.send(sticky('One'));
    world.standIn.fault({ match: { method: 'GET' }, fault: { kind: 'error' }, times: null });
    expect(await world.send(sticky('Two'))).toMatchObject({ outcome: 'sent' });
    expect(await world.send(sticky('Three'), { number: 2 })).toMatchObject({ outcome: 'failed' });
  });

  it('is not looked for among more comments than a look can bear: it fails, and says so', async () => {
    const place = { owner: 'octo-org', repo: 'hello', issueNumber: 7 };
    for (let n = 0; n < 5000; n += 1) world.standIn.addComment({ ...place, body: 'x', author: { kind: 'user', user } });
    const error = 'The issue has more than 5000 comments to look through.';
    expect(await world.send(sticky('One'))).toEqual({ outcome: 'failed', error });
  });

  it('is one for each name and issue, whatever the name', async () => {
    for (const name of ['a', 'b', '--> x', '\ud800']) await world.send(sticky(`Of ${name}`, name));
    await world.send(sticky('Elsewhere', 'a', 8));
    await world.send(sticky('Again', '--> x'));
    expect(world.standIn.comments()).toHaveLength(5);
    expect(bodies()).toEqual(['Of a', 'Of b', 'Again', 'Of \ud800', 'Elsewhere']);
  });

  it('after an attempt without an answer is found by the next one', async () => {
    world.standIn.fault({ match: { method: 'POST', path: '/comments$' }, fault: { kind: 'drop-reply' } });
    const effect = sticky('One');
    expect(await world.send(effect)).toMatchObject({ outcome: 'ambiguous' });
    expect(world.kind('github.stickyComment').onAmbiguous(effect)).toBe('resend');
    expect(await world.send(effect, { number: 2 })).toMatchObject({ outcome: 'sent' });
    // It is as it should be: nothing was left to change.
    expect(did()).toEqual(['create']);
    expect(world.standIn.doubled()).toEqual([]);
  });

  it('is made anew where somebody has deleted it, and found where it was made twice', async () => {
    await world.send(sticky('One'));
    const [comment] = world.standIn.comments();
    world.standIn.removeComment(comment?.id ?? 0);
    expect(await world.send(sticky('Two'))).toMatchObject({ outcome: 'sent' });
    expect(bodies()).toEqual(['Two']);
    const { author } = world.standIn.comments()[0]!;
    const place = { owner: 'octo-org', repo: 'hello', issueNumber: 7 };
    const body = `Twin\n\n${stickyMarker('report')}`;
    world.standIn.addComment({ ...place, body, author });
    world.standIn.addComment({ ...place, body, author: { kind: 'user', user } });
    const effect = sticky('Three');
    await world.another()('github.stickyComment').send(effect, anAttempt(effect));
    expect(bodies()).toEqual(['Three', 'Twin']);
  });

  it('says what GitHub says', async () => {
    await world.send(sticky('One'));
    world.standIn.fault({ match: { method: 'PATCH' }, fault: { kind: 'error', status: 403, message: 'Locked' } });
    expect(await world.send(sticky('Two'))).toMatchObject({
      outcome: 'refused',
      error: expect.stringContaining('Locked') as unknown,
    });
    world.standIn.fault({ match: { method: 'PATCH' }, fault: { kind: 'drop-reply' } });
    expect(await world.send(sticky('Two'))).toMatchObject({ outcome: 'ambiguous' });
    world.standIn.fault({ match: { method: 'GET' }, fault: { kind: 'error' } });
    expect(await world.send(sticky('New', 'other'))).toMatchObject({ outcome: 'failed' });
    expect(await world.send(sticky('😀'.repeat(65_536)))).toMatchObject({ outcome: 'refused' });
  });
});
