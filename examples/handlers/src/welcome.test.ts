import { expect, it } from '@jest/globals';
import { testHandler } from '@hookline/handlers/testing';
import welcome from './welcome.ts';

const opened = (association: string) => ({
  event: 'issues',
  payload: {
    action: 'opened',
    issue: { number: 7, author_association: association, user: { login: 'mona' } },
    repository: { id: 1, name: 'hello', full_name: 'octo-org/hello', owner: { login: 'octo-org' } },
  },
});

it('welcomes whoever comes for the first time', async () => {
  const { effects } = await testHandler(welcome, opened('NONE'));
  expect(effects).toMatchObject([
    { kind: 'github.comment', request: { owner: 'octo-org', repo: 'hello', issueNumber: 7 } },
  ]);
});

it('says nothing to those who belong to the project', async () => {
  expect((await testHandler(welcome, opened('MEMBER'))).effects).toEqual([]);
});
