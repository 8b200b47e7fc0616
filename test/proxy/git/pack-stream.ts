import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';

export type Format = 'sha1' | 'sha256';

export const TYPE = { commit: 1, tree: 2, blob: 3, tag: 4, 'ofs-delta': 6, 'ref-delta': 7 } as const;

const EMPTY_TREE = {
  sha1: '4b825dc642cb6eb9a060e54bf8d69288fbee4904',
  sha256: '6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321',
};

/** A commit of the empty tree, as git stores it. */
export const commitText = (message: string, parents: readonly string[], format: Format = 'sha1'): Buffer =>
  Buffer.from(
    [
      `tree ${EMPTY_TREE[format]}`,
      ...parents.map((parent) => `parent ${parent}`),
      'author A <a@example.com> 1767225600 +0000',
      'committer A <a@example.com> 1767225600 +0000',
      '',
      message,
    ].join('\n'),
  );

export const idOf = (content: Buffer, format: Format = 'sha1'): string =>
  createHash(format).update(`commit ${content.length}\0`).update(content).digest('hex');

/** The type and size in front of an object. */
export const entryHeader = (type: number, size: number): Buffer => {
  const bytes = [(type << 4) | (size % 16)];
  for (let left = Math.floor(size / 16); left > 0; left = Math.floor(left / 128)) {
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) | 0x80;
    bytes.push(left % 128);
  }
  return Buffer.from(bytes);
};

export const entry = (type: keyof typeof TYPE, content: Buffer, base: Buffer = Buffer.alloc(0)): Buffer =>
  Buffer.concat([entryHeader(TYPE[type], content.length), base, deflateSync(content)]);

/** How far in front of itself a delta's base begins. */
export const distance = (bytes: number): Buffer => {
  const groups = [bytes % 128];
  for (let left = Math.floor(bytes / 128) - 1; left >= 0; left = Math.floor(left / 128) - 1) {
    groups.unshift(128 + (left % 128));
  }
  return Buffer.from(groups);
};

const number = (value: number): Buffer => {
  const bytes: number[] = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    bytes.push(left < 128 ? left : 128 + (left % 128));
    if (left < 128) return Buffer.from(bytes);
  }
};

/** A delta that keeps the beginning of its base and puts new text behind it. */
export const deltaOf = (base: Buffer, kept: number, added: Buffer): Buffer =>
  Buffer.concat([
    number(base.length),
    number(kept + added.length),
    ...(kept > 0 ? [Buffer.of(0x80 | 0x10 | 0x20, kept & 255, kept >> 8)] : []),
    ...(added.length > 0 ? [Buffer.of(added.length), added] : []),
  ]);

export const packHeader = (objects: number, version = 2): Buffer => {
  const header = Buffer.from('PACK\0\0\0\0\0\0\0\0', 'latin1');
  header.writeUInt32BE(version, 4);
  header.writeUInt32BE(objects, 8);
  return header;
};

/** A pack of entries that are made already. */
export const packOf = (
  entries: readonly Buffer[],
  format: Format = 'sha1',
  objects = entries.length,
): Buffer => {
  const body = Buffer.concat([packHeader(objects), ...entries]);
  return Buffer.concat([body, createHash(format).update(body).digest()]);
};
