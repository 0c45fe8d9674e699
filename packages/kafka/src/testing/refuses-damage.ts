import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Decoder } from '../registry/decoder.ts';
import { PREFIX_BYTES } from '../registry/wire-format.ts';

/**
 * The tests of damaged bytes that hold for a record of any kind.
 *
 * @param value of a genuine record, which `decode` decodes
 */
export function refusesDamage(value: Buffer, decode: Decoder): void {
  it.each([
    ['cut off', value.subarray(0, value.length - 1), 'truncated buffer'],
    ['too long', Buffer.concat([value, Buffer.from('x')]), 'trailing data'],
    ['nothing but the prefix', value.subarray(0, PREFIX_BYTES), 'truncated buffer'],
  ])('are undecodable when %s', (_, bytes, why) => {
    expect(decode(bytes)).toEqual({ success: false, reason: 'UNDECODABLE', detail: expect.stringContaining(why) });
  });

  it('never make the decoder throw or hang, however damaged', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(value.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 }),
        (damage) => {
          const bytes = Buffer.from(value);
          for (const [at, byte] of damage) bytes[at] = byte;
          expect(typeof decode(bytes).success).toBe('boolean');
        },
      ),
      { numRuns: 2_000 },
    );
  });
}
