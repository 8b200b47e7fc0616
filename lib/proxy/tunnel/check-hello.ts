import { readClientHello } from './read-client-hello.ts';

const HANDSHAKE = 22;
const RECORD_HEAD = 5;
const SERVER_HELLO = 2;
/** The random of a ServerHello that asks for a second ClientHello: RFC 8446, 4.1.3. */
const HELLO_RETRY = Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex');
/** Record head, message head, version. */
const RANDOM_AT = RECORD_HEAD + 4 + 2;
/** What may stand before a second ClientHello: early data that the server will not take, and a few bytes. */
const LONGEST_BEFORE = 64 * 1024;

/** Whether a handshake may go on; `length` is that of the bytes up to the end of its ClientHello. */
export type HelloVerdict =
  | { readonly ok: true; readonly length: number }
  | { readonly ok: false; readonly why: string };

/** Whether a ClientHello is for a host, and for no other; `undefined` while there are too few bytes. */
export const checkHello = (bytes: Buffer, host: string): HelloVerdict | undefined => {
  const hello = readClientHello(bytes);
  if (hello.state === 'more') return undefined;
  if (hello.state === 'bad') return { ok: false, why: `the TLS handshake cannot be read: ${hello.why}` };
  if (hello.hidesName) return { ok: false, why: 'the TLS handshake may hide another name (ECH)' };
  if (hello.servername === undefined) return { ok: false, why: 'the TLS handshake names no host' };
  if (hello.servername !== host) return { ok: false, why: 'the TLS handshake names another host' };
  return { ok: true, length: hello.length };
};

/** Whether a server asks for a second ClientHello; `undefined` while there are too few bytes. */
export const asksForSecondHello = (bytes: Buffer): boolean | undefined => {
  if (bytes.length > 0 && bytes[0] !== HANDSHAKE) return false;
  if (bytes.length > RECORD_HEAD && bytes[RECORD_HEAD] !== SERVER_HELLO) return false;
  if (bytes.length < RANDOM_AT + HELLO_RETRY.length) return undefined;
  return bytes.subarray(RANDOM_AT, RANDOM_AT + HELLO_RETRY.length).equals(HELLO_RETRY);
};

/** As `checkHello`, for the second one: what stands before it is no handshake. */
export const checkSecondHello = (bytes: Buffer, host: string): HelloVerdict | undefined => {
  let offset = 0;
  while (bytes.length >= offset + RECORD_HEAD && bytes[offset] !== HANDSHAKE) {
    offset += RECORD_HEAD + bytes.readUInt16BE(offset + 3);
  }
  if (offset > LONGEST_BEFORE) return { ok: false, why: 'too much stands before its second TLS handshake' };
  // Of a record that is no handshake only a part of the head can be there.
  if (bytes.length <= offset || bytes[offset] !== HANDSHAKE) return undefined;
  const verdict = checkHello(bytes.subarray(offset), host);
  return verdict?.ok ? { ok: true, length: offset + verdict.length } : verdict;
};
