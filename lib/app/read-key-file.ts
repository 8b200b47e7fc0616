import { readFileSync, statSync } from 'node:fs';
import { KmError } from '../errors.ts';
import { readAppKey } from '../github/app-key.ts';
import { badKey } from '../github/errors.ts';
import { keyFingerprint } from '../github/key-fingerprint.ts';
import { Secret } from '../secret.ts';

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

/**
 * Reads a private key from a file: PKCS#1 or PKCS#8, with any line ends. At once, so that a prompt can check it.
 *
 * @throws {KmError} `ErrGitHubBadKey` naming the file and what it is instead; never any of its text.
 */
export function readKeyFile(path: string): GivenKey {
  const which = `The private key in ${path}`;
  try {
    const found = statSync(path);
    if (!found.isFile() && !found.isFIFO()) throw badKey('is not in a file', which);
    if (found.size > MOST_BYTES) throw badKey('is far too large to be one', which);
    const key = readGivenKey(readFileSync(path, 'utf8'), path);
    const open = found.isFile() && (found.mode & 0o077) !== 0 && process.platform !== 'win32';
    const mode = (found.mode & 0o777).toString(8).padStart(3, '0');
    return open
      ? { ...key, warnings: [`${path} can be read by others (mode ${mode}): chmod 600 ${path}`] }
      : key;
  } catch (error) {
    if (error instanceof KmError) throw error;
    throw unreadable(path, error as NodeJS.ErrnoException);
  }
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
