import { describe, expect, it } from '@jest/globals';
import { keptHeaders, readDeliveryHeaders } from './headers.ts';

const guid = '72d3162e-cc78-11e3-81ab-4c9367dc0958';
const right = { 'x-github-delivery': guid, 'x-github-event': 'issues', 'x-github-hook-id': '292430182' };

describe('readDeliveryHeaders', () => {
  it('reads GUID (in lower case), event and hook id', () => {
    const result = readDeliveryHeaders({ ...right, 'x-github-delivery': guid.toUpperCase() });
    expect(result).toEqual({ success: true, headers: { guid, event: 'issues', hookId: '292430182' } });
  });

  it('does without a hook id', () => {
    const result = readDeliveryHeaders({ 'x-github-delivery': guid, 'x-github-event': 'ping' });
    expect(result).toEqual({ success: true, headers: { guid, event: 'ping', hookId: null } });
  });

  it.each([
    ['x-github-delivery', undefined, 'DELIVERY_MISSING'],
    ['x-github-delivery', '', 'DELIVERY_MISSING'],
    ['x-github-delivery', 'abc', 'DELIVERY_MALFORMED'],
    ['x-github-delivery', `${guid}0`, 'DELIVERY_MALFORMED'],
    ['x-github-delivery', `${guid}\n`, 'DELIVERY_MALFORMED'],
    ['x-github-delivery', guid.replaceAll('-', ''), 'DELIVERY_MALFORMED'],
    ['x-github-delivery', `${guid}, ${guid}`, 'DELIVERY_MALFORMED'],
    ['x-github-delivery', [guid], 'DELIVERY_MALFORMED'],
    ['x-github-event', undefined, 'EVENT_MISSING'],
    ['x-github-event', '', 'EVENT_MISSING'],
    ['x-github-event', 'Issues', 'EVENT_MALFORMED'],
    ['x-github-event', 'issues.opened', 'EVENT_MALFORMED'],
    ['x-github-event', 'issues, issues', 'EVENT_MALFORMED'],
    ['x-github-event', 'a'.repeat(65), 'EVENT_MALFORMED'],
    ['x-github-event', ['issues'], 'EVENT_MALFORMED'],
    ['x-github-hook-id', '', 'HOOK_ID_MALFORMED'],
    ['x-github-hook-id', '-1', 'HOOK_ID_MALFORMED'],
    ['x-github-hook-id', '1'.repeat(21), 'HOOK_ID_MALFORMED'],
    ['x-github-hook-id', ['1'], 'HOOK_ID_MALFORMED'],
  ])('%s %j is %s', (name, value, reason) => {
    expect(readDeliveryHeaders({ ...right, [name]: value })).toEqual({ success: false, reason });
  });
});

describe('keptHeaders', () => {
  it("keeps GitHub's headers, user agent and content type, and no signature, cookie or credential", () => {
    const kept = {
      ...right,
      'x-github-hook-installation-target-id': '79929171',
      'x-github-hook-installation-target-type': 'repository',
      'user-agent': 'GitHub-Hookshot/044aadd',
      'content-type': 'application/json',
    };
    const dropped = {
      'x-hub-signature': 'sha1=7d38cdd689735b008b3c702edd92eea23791c5f6',
      'x-hub-signature-256': 'sha256=d57c68ca6f92289e6987922ff26938930f6e66a2d161ef06abdf1859230aa23c',
      authorization: 'Basic eDp5',
      cookie: 'a=b',
      host: 'example.com',
      'x-github-list': ['a', 'b'],
    };
    expect(keptHeaders({ ...dropped, ...kept })).toEqual(kept);
  });
});
