import { inflateSync } from 'node:zlib';

const TYPES = ['', 'commit', 'tree', 'blob', 'tag', '', 'ofs-delta', 'ref-delta'] as const;

/** One object of a pack, up to its compressed content. */
export interface PackEntryHeader {
  readonly type: 'commit' | 'tree' | 'blob' | 'tag' | 'ofs-delta' | 'ref-delta';
  /** Bytes of the content, or of the delta, as the pack claims. */
  readonly size: number;
  /** How many bytes before this object its base begins. */
  readonly baseDistance?: number;
  readonly baseId?: string;
  /** Where the compressed content begins. */
  readonly contentAt: number;
}

/** `more`: it does not end in these bytes. `malformed`: it is no such thing. */
export type Unread = 'more' | 'malformed';

/** Larger than anything that git stores. */
const LARGEST = 2 ** 48;

/**
 * Reads what is in front of an object's compressed content.
 *
 * {@link https://git-scm.com/docs/gitformat-pack#_pack_pack_files_have_the_following_format}
 *
 * @param idBytes 20 or 32.
 */
export const readPackEntryHeader = (
  bytes: Buffer,
  from: number,
  idBytes: number,
): PackEntryHeader | Unread => {
  let at = from;
  let byte = bytes[at];
  if (byte === undefined) return 'more';
  const type = TYPES[(byte >> 4) & 7] || undefined;
  if (type === undefined) return 'malformed';
  let size = byte & 0x0f;
  for (let scale = 16; byte >= 0x80; scale *= 128) {
    at += 1;
    byte = bytes[at];
    if (byte === undefined) return 'more';
    size += (byte & 0x7f) * scale;
    if (scale > LARGEST) return 'malformed';
  }
  at += 1;
  if (type === 'ref-delta') {
    if (at + idBytes > bytes.length) return 'more';
    return { type, size, baseId: bytes.toString('hex', at, at + idBytes), contentAt: at + idBytes };
  }
  if (type !== 'ofs-delta') return { type, size, contentAt: at };
  let distance = -1;
  do {
    byte = bytes[at];
    if (byte === undefined) return 'more';
    distance = (distance + 1) * 128 + (byte & 0x7f);
    if (distance > LARGEST) return 'malformed';
    at += 1;
  } while (byte >= 0x80);
  return { type, size, baseDistance: distance, contentAt: at };
};

/**
 * Inflates an object's content, of which the size must be as claimed, and says where it ends. No more than `size` bytes
 * are ever made of it.
 */
export const inflateContent = (
  bytes: Buffer,
  from: number,
  size: number,
): { readonly content: Buffer; readonly end: number } | Unread => {
  try {
    // Room for a little more, so that the end of the stream is met in the first round.
    const chunkSize = Math.min(Math.max(size + 64, 128), 65_536);
    const options = { info: true, chunkSize, maxOutputLength: Math.max(size, 1) } as const;
    const { buffer, engine } = inflateSync(bytes.subarray(from), options) as unknown as {
      readonly buffer: Buffer;
      readonly engine: { readonly bytesWritten: number };
    };
    return buffer.length === size ? { content: buffer, end: from + engine.bytesWritten } : 'malformed';
  } catch (error) {
    return (error as { readonly code?: unknown }).code === 'Z_BUF_ERROR' ? 'more' : 'malformed';
  }
};
