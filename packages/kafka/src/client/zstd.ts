import { promisify } from 'node:util';
import { constants, zstdCompress, zstdCompressSync, zstdDecompress, zstdDecompressSync } from 'node:zlib';
import kafkajs from 'kafkajs';
import { contentSize } from './zstd-frame.ts';

const compressInPool = promisify(zstdCompress);
const decompressInPool = promisify(zstdDecompress);

/** Level 1 halves a producer's CPU against no compression at all; higher levels gain little on JSON. */
const PARAMS = { [constants.ZSTD_c_compressionLevel]: 1 };

/**
 * Up to here compressing takes less than handing it to the thread pool, and 1 ms of the event loop at most. A send has
 * no more than two of these.
 */
const MAX_INLINE_BYTES = 1024 * 1024;

/** What zlib makes room for at once, whatever a frame says of itself. */
const MAX_CHUNK_BYTES = 32 * 1024 * 1024;
const MIN_CHUNK_BYTES = constants.Z_MIN_CHUNK;

async function compress({ buffer }: { buffer: Buffer }): Promise<Buffer> {
  // The size is written into the frame: who decompresses it makes room once.
  const options = { params: PARAMS, pledgedSrcSize: buffer.length };
  if (buffer.length <= MAX_INLINE_BYTES) return zstdCompressSync(buffer, options);
  return await compressInPool(buffer, options);
}

async function decompress(buffer: Buffer): Promise<Buffer> {
  const bytes = contentSize(buffer);
  // Other producers need not write it: a few bytes can be a body of any size then.
  if (bytes === undefined) return await decompressInPool(buffer);
  const options = { chunkSize: Math.min(Math.max(bytes, MIN_CHUNK_BYTES), MAX_CHUNK_BYTES) };
  if (bytes <= MAX_INLINE_BYTES) return zstdDecompressSync(buffer, options);
  return await decompressInPool(buffer, options);
}

const codec = { compress, decompress };

/** The compression of what is sent, once {@link registerZstd} was called. */
export const ZSTD = kafkajs.CompressionTypes.ZSTD;

/** Gives KafkaJS the zstd of Node. The table of codecs belongs to the process, so this may run any number of times. */
export function registerZstd(): void {
  kafkajs.CompressionCodecs[ZSTD] = () => codec;
}
