import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';

/** A body as tables keep it: compressed where that is smaller. */
export interface StoredBody {
  encoding: 'identity' | 'zstd';
  bytes: Buffer;
}

/** Level 1: JSON of GitHub's gets a fifth of its size, and the slice that parks it waits. */
export function storedBytes(body: Buffer): StoredBody {
  const compressed = zstdCompressSync(body, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
  return compressed.length < body.length
    ? { encoding: 'zstd', bytes: compressed }
    : { encoding: 'identity', bytes: body };
}

/**
 * The body again, byte for byte.
 *
 * @param size its length where that is known: a large body is then not put together from small pieces
 */
export function readBody({ encoding, bytes }: StoredBody, size?: number): Buffer {
  if (encoding === 'identity') return bytes;
  return zstdDecompressSync(bytes, size === undefined ? {} : { chunkSize: Math.max(64, size) });
}
