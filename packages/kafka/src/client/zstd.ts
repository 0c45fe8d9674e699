import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress } from 'node:zlib';
import kafkajs from 'kafkajs';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** Level 1 halves a producer's CPU against no compression at all; higher levels gain little on JSON. */
const OPTIONS = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

const codec = {
  compress: async (encoder: { buffer: Buffer }): Promise<Buffer> => await compress(encoder.buffer, OPTIONS),
  decompress: async (buffer: Buffer): Promise<Buffer> => await decompress(buffer),
};

/** Gives KafkaJS the zstd of Node. The table of codecs belongs to the process, so this may run any number of times. */
export function registerZstd(): void {
  kafkajs.CompressionCodecs[kafkajs.CompressionTypes.ZSTD] = () => codec;
}
