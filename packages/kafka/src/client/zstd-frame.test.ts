import { describe, expect, it } from '@jest/globals';
import { promisify } from 'node:util';
import { zstdCompress, zstdCompressSync } from 'node:zlib';
import { contentSize } from './zstd-frame.ts';

const frameOf = (bytes: number) => zstdCompressSync(Buffer.alloc(bytes, 'ab'), { pledgedSrcSize: bytes });

describe('the content size of a zstd frame', () => {
  it.each([0, 1, 255, 256, 65_791, 65_792, 5_000_000])('is read where it says %d', (bytes) => {
    expect(contentSize(frameOf(bytes))).toBe(bytes);
  });

  it('is read where it takes eight bytes, behind a window and the id of a dictionary', () => {
    const frame = Buffer.from('28b52ffdc100070000000001000000', 'hex');
    expect(contentSize(frame)).toBe(2 ** 32);
  });

  it('is unknown where it was made as a stream', async () => {
    expect(contentSize(await promisify(zstdCompress)(Buffer.alloc(100, 'ab')))).toBeUndefined();
  });

  it.each([
    ['it is cut off', frameOf(70_000).subarray(0, 7)],
    ['it is none', Buffer.from('{"action":"opened"}')],
    ['it is empty', Buffer.alloc(0)],
  ])('is unknown where %s', (_, frame) => {
    expect(contentSize(frame)).toBeUndefined();
  });
});
