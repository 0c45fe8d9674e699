import { describe, expect, it } from '@jest/globals';
import { readConfig } from '@hookline/runtime';
import { outboundOptions } from './options.ts';

describe('what is allowed', () => {
  it('is a list of addresses, ranges and names', () => {
    const result = readConfig(outboundOptions, { HOOKLINE_OUTBOUND_ALLOW: '10.1.0.0/16, ci.internal' });
    expect(result).toMatchObject({ success: true, config: { outboundAllow: ['10.1.0.0/16', 'ci.internal'] } });
    expect(outboundOptions.outboundAllow.format(['::1', 'ci.internal'])).toBe('::1,ci.internal');
  });

  it('names the entry that is none', () => {
    const result = readConfig(outboundOptions, { HOOKLINE_OUTBOUND_ALLOW: '10.1.0.0/16,10.1.0/16' });
    if (result.success) throw new Error('taken');
    expect(result.errors).toEqual([
      'HOOKLINE_OUTBOUND_ALLOW is "10.1.0.0/16,10.1.0/16", a list with "10.1.0/16", no address, range or name of a host; ' +
        'wanted: list, separated by commas.',
    ]);
  });
});
