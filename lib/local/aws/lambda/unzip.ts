import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { AwsError } from '../cloud.ts';

const END_OF_DIRECTORY = 0x06054b50;
const ENTRY = 0x02014b50;
const STORED = 0;
const DEFLATED = 8;
/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: 250 MB unpacked. */
const UNPACKED_LIMIT = 262_144_000;

const invalid = (): AwsError =>
  new AwsError(
    'InvalidParameterValueException',
    'Could not unzip uploaded file. Please check your file, then try to upload again.',
  );

const endOfDirectory = (zip: Buffer): number => {
  for (let at = zip.length - 22; at >= Math.max(0, zip.length - 65_557); at -= 1) {
    if (zip.readUInt32LE(at) === END_OF_DIRECTORY) return at;
  }
  throw invalid();
};

/** Unpacks the files of a zip into a directory. Throws InvalidParameterValueException for what is no sound zip. */
export function unzip(zip: Buffer, directory: string): void {
  const end = endOfDirectory(zip);
  let at = zip.readUInt32LE(end + 16);
  let total = 0;
  for (let count = zip.readUInt16LE(end + 10); count > 0; count -= 1) {
    if (at + 46 > zip.length || zip.readUInt32LE(at) !== ENTRY) throw invalid();
    const method = zip.readUInt16LE(at + 10);
    const packed = zip.readUInt32LE(at + 20);
    const nameLength = zip.readUInt16LE(at + 28);
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength);
    const local = zip.readUInt32LE(at + 42);
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
    if (name.endsWith('/')) continue;
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const bytes = zip.subarray(start, start + packed);
    if (method !== STORED && method !== DEFLATED) throw invalid();
    const content = method === STORED ? bytes : inflateRawSync(bytes, { maxOutputLength: UNPACKED_LIMIT });
    total += content.length;
    const path = resolve(join(directory, name));
    // an entry must not climb out of its directory
    if (total > UNPACKED_LIMIT || relative(directory, path).startsWith('..')) throw invalid();
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
}
