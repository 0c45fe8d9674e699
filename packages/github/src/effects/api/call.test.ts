import { describe, expect, it } from '@jest/globals';
import type { OutboundRequest, OutboundResult } from '@hookline/outbound';
import { createCallGithub } from './call.ts';

const bounds = { signal: new AbortController().signal, leftMs: () => 1000, begin() {} };

/** What is sent carries a token, and what is answered decides whether it is sent again. */
describe('a call', () => {
  const callWith = (result: Partial<OutboundResult & { success: true }>) => {
    const sent: OutboundRequest[] = [];
    const call = createCallGithub('https://github.example/api/v3', {
      send(request) {
        sent.push(request);
        const body = Buffer.from('{"id":9007199254740993}');
        const headers = { 'content-type': 'application/json' };
        return Promise.resolve({ success: true, status: 200, headers, body, complete: true, ...result });
      },
    });
    return {
      sent,
      call: (route: string) => call({ route, parameters: {}, headers: { authorization: 'token x' } }, bounds),
    };
  };

  it('says who sends it, and for which version of the API', async () => {
    const { sent, call } = callWith({});
    await call('GET /user');
    expect(sent[0]).toMatchObject({
      url: 'https://github.example/api/v3/user',
      headers: { authorization: 'token x', 'x-github-api-version': '2022-11-28' },
    });
    expect(sent[0]?.headers['user-agent']).toMatch(/^hookline\/\d/);
  });

  it('goes to the host of the API, and to no other', async () => {
    const { sent, call } = callWith({});
    expect(await call('GET https://elsewhere.example/user')).toEqual({
      ...{ answered: false, began: false, error: 'The request would not go to https://github.example.' },
    });
    expect(sent).toEqual([]);
  });

  it('has exact ids, beyond what a number can hold', async () => {
    expect(await callWith({}).call('GET /user')).toMatchObject({ data: { id: 9007199254740993n } });
  });

  it.each([
    [{ status: 999 }, 'The answer of GitHub could not be read.'],
    [{ complete: false }, 'The answer of GitHub broke off.'],
  ])('whose answer is %j has been there all the same', async (result, error) => {
    expect(await callWith(result).call('POST /user/repos')).toEqual({ answered: false, began: true, error });
  });
});
