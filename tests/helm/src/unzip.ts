import { inflateRawSync } from 'node:zlib';

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const STORED = 0;

/**
 * One file out of a zip archive (a Python wheel is one): neither Node nor every machine has a program for it. Throws if
 * the archive does not have it.
 */
export function unzip(archive: Buffer, wanted: string): Buffer {
  const end = archive.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  if (end < 0 || archive.readUInt32LE(end) !== END) throw new Error('This is not a zip archive, or not all of it.');
  let at = archive.readUInt32LE(end + 16);
  while (archive.readUInt32LE(at) === ENTRY) {
    const [nameLength, extra, comment] = [28, 30, 32].map((offset) => archive.readUInt16LE(at + offset));
    const name = archive.toString('utf8', at + 46, at + 46 + (nameLength as number));
    if (name === wanted) return content(archive, at);
    at += 46 + (nameLength as number) + (extra as number) + (comment as number);
  }
  throw new Error(`The archive has no ${wanted}.`);
}

function content(archive: Buffer, entry: number): Buffer {
  const method = archive.readUInt16LE(entry + 10);
  const packed = archive.readUInt32LE(entry + 20);
  const local = archive.readUInt32LE(entry + 42);
  // The local header has an extra field of its own, of another length.
  const begin = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
  const bytes = archive.subarray(begin, begin + packed);
  return method === STORED ? Buffer.from(bytes) : inflateRawSync(bytes);
}
