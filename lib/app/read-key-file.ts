import { closeSync, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { KmError } from '../errors.ts';
import { readAppKey } from '../github/app-key.ts';
import { badKey } from '../github/errors.ts';
import { keyFingerprint } from '../github/key-fingerprint.ts';
import { Secret } from '../secret.ts';
import { shellWord } from '../shell-word.ts';

/** A private key as it was given, which can sign for an App. */
export interface GivenKey {
  readonly pem: Secret;
  /** As GitHub shows it: `SHA256:…`. */
  readonly fingerprint: string;
  readonly bits: number;
  /** Where it came from, for messages: a path, or `standard input`. */
  readonly source: string;
  /** What is amiss with its file, but does not stop it from being used. */
  readonly warnings: readonly string[];
}

/** Far above any PEM of one key. */
const MOST_BYTES = 64 * 1024;
const TOO_LARGE = 'is far too large to be one';

/**
 * Reads a private key from a file or a pipe: PKCS#1 or PKCS#8, with any line ends. At once, so that a prompt can check it.
 *
 * @throws {KmError} `ErrGitHubBadKey` naming the file and what it is instead; never any of its text.
 */
export function readKeyFile(path: string): GivenKey {
  const which = `The private key in ${path}`;
  try {
    // Opening a device can do something already.
    mustBeReadable(statSync(path), which);
    const { found, bytes } = readFile(path, which);
    const key = readGivenKey(bytes.toString('utf8'), path);
    const open = found.isFile() && (found.mode & 0o077) !== 0 && process.platform !== 'win32';
    const mode = (found.mode & 0o777).toString(8).padStart(3, '0');
    return open
      ? { ...key, warnings: [`${path} can be read by others (mode ${mode}): chmod 600 ${shellWord(path)}`] }
      : key;
  } catch (error) {
    if (error instanceof KmError) throw error;
    throw unreadable(path, error as NodeJS.ErrnoException);
  }
}

function mustBeReadable(found: Stats, which: string): void {
  if (!found.isFile() && !found.isFIFO()) throw badKey('is not in a file', which);
  if (found.size > MOST_BYTES) throw badKey(TOO_LARGE, which);
}

/** Another file may have taken the path by now, and a pipe has no size: what is open is looked at, and has its bounds. */
function readFile(path: string, which: string): { readonly found: Stats; readonly bytes: Buffer } {
  const file = openSync(path, 'r');
  try {
    const found = fstatSync(file);
    mustBeReadable(found, which);
    const bytes = Buffer.alloc(MOST_BYTES + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < bytes.length; length += read)
      read = readSync(file, bytes, length, bytes.length - length, null);
    if (length > MOST_BYTES) throw badKey(TOO_LARGE, which);
    return { found, bytes: bytes.subarray(0, length) };
  } finally {
    closeSync(file);
  }
}

/** Reads a private key from a stream, to its end. Throws `ErrGitHubBadKey`. */
export async function readKeyStream(
  stream: AsyncIterable<Uint8Array | string>,
  source: string,
): Promise<GivenKey> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    chunks.push(Buffer.from(chunk as Uint8Array));
    length += chunk.length;
    if (length > MOST_BYTES) throw badKey(TOO_LARGE, `The private key in ${source}`);
  }
  return readGivenKey(Buffer.concat(chunks).toString('utf8'), source);
}

/** Reads a private key from its text; `source` names it in messages. Throws `ErrGitHubBadKey`. */
export function readGivenKey(text: string, source: string): GivenKey {
  const lines = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  const pem = new Secret(`${lines.trim()}\n`);
  const key = readAppKey(pem, `The private key in ${source}`);
  return {
    pem,
    fingerprint: keyFingerprint(key),
    bits: key.asymmetricKeyDetails?.modulusLength ?? 0,
    source,
    warnings: [],
  };
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EACCES: 'it may not be read',
  EPERM: 'it may not be read',
};

const unreadable = (path: string, { code = 'the read failed' }: NodeJS.ErrnoException): KmError =>
  new KmError('ErrGitHubBadKey', `The private key ${path} cannot be read: ${REASONS[code] ?? code}`, {
    remedy: 'Give the PEM file that GitHub downloaded, or - for standard input: --private-key-file PATH',
  });
