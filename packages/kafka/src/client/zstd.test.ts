import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { zstdCompress } from 'node:zlib';
import kafkajs from 'kafkajs';
import { registerZstd, ZSTD } from './zstd.ts';
import { contentSize } from './zstd-frame.ts';

interface Codec {
  compress(encoder: { buffer: Buffer }): Promise<Buffer>;
  decompress(buffer: Buffer): Promise<Buffer>;
}

registerZstd();
const codec = (kafkajs.CompressionCodecs[ZSTD] as () => Codec)();

const MIB = 1024 * 1024;

describe('our zstd', () => {
  it.each([0, 1, 200, 10_000, MIB, MIB + 1, 25 * MIB])(
    'gives back %d bytes, and writes how many they are',
    async (n) => {
      const buffer = randomBytes(n);
      const frame = await codec.compress({ buffer });
      expect(contentSize(frame)).toBe(n);
      expect((await codec.decompress(frame)).equals(buffer)).toBe(true);
    },
  );

  it('reads frames that do not say how large they are', async () => {
    const buffer = Buffer.alloc(100_000, 'compressible ');
    const frame = await promisify(zstdCompress)(buffer);
    expect(contentSize(frame)).toBeUndefined();
    expect((await codec.decompress(frame)).equals(buffer)).toBe(true);
  });

  it('refuses a frame that holds more than it says, or is cut off', async () => {
    const frame = await codec.compress({ buffer: Buffer.alloc(100_000, 'ab') });
    const cut = frame.subarray(0, frame.length - 1);
    await expect(codec.decompress(cut)).rejects.toThrow();
    frame.writeUInt32LE(100, 5);
    await expect(codec.decompress(frame)).rejects.toThrow();
  });
});
