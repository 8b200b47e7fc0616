import { connect as dial, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Refusal } from '../decision.ts';
import { type PinnedAddress, resolvePinned } from '../hosts/pinned-lookup.ts';
import { rawRefusal } from '../server/answer-refusal.ts';
import { shown } from '../shown.ts';
import { asksForSecondHello, checkHello, checkSecondHello, type HelloVerdict } from './check-hello.ts';
import { readStart } from './read-start.ts';
import { relay } from './relay.ts';

export interface TunnelOptions {
  /** The connection of a CONNECT that is not answered yet; what goes wrong on it is the caller's to listen for. */
  readonly client: Duplex;
  /** What the client sent behind its CONNECT already. */
  readonly head: Buffer;
  /** Lower case, and allowed. */
  readonly host: string;
  readonly port: number;
  /** Absent: `resolvePinned`. */
  readonly resolve?: (host: string) => Promise<PinnedAddress | Refusal>;
  /** Absent: over TCP. */
  readonly connect?: (address: PinnedAddress, port: number) => Socket;
}

/** Bytes from the client, and to it. */
export interface TunnelBytes {
  readonly sent: number;
  readonly received: number;
}

const HTTPS_PORT = 443;
const CONNECT_MS = 15_000;
const HELLO_MS = 15_000;
const ESTABLISHED = 'HTTP/1.1 200 Connection Established\r\n\r\n';
/** A fatal alert, unrecognized_name: what a client shows as a reason. {@link https://www.rfc-editor.org/rfc/rfc6066#section-3} */
const UNRECOGNIZED_NAME = Buffer.from('15030300020270', 'hex');

const overTcp = ({ address, family }: PinnedAddress, port: number): Socket =>
  dial({ host: address, port, family, allowHalfOpen: true, noDelay: true, keepAlive: true });

const otherPort = (host: string, port: number): Refusal => ({
  allowed: false,
  rule: 'host',
  status: 403,
  reason: `[km] Port ${port} of '${shown(host)}' denied -- only port ${HTTPS_PORT} is let through`,
  remedy: 'Use https on its own port.',
});

const unreachable = (host: string, why: string): Refusal => ({
  allowed: false,
  rule: 'upstream',
  status: 502,
  reason: `[km] '${shown(host)}' cannot be reached: ${why}`,
  remedy: 'Try again later.',
});

const otherName = (host: string, why: string): Refusal => ({
  allowed: false,
  rule: 'host',
  status: 421,
  reason: `[km] Tunnel to '${shown(host)}' denied -- ${why}`,
  remedy: 'Use TLS, with the server name (SNI) of the host that CONNECT names, and without ECH.',
});

/** Why there is no connection, or nothing once there is one. */
const connected = (upstream: Socket): Promise<string | undefined> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => resolve('it does not answer'), CONNECT_MS);
    const settle = (why: string | undefined): void => {
      clearTimeout(timer);
      resolve(why);
    };
    upstream.once('connect', () => settle(undefined));
    upstream.once('error', (error: NodeJS.ErrnoException) => settle(error.code ?? 'the connection broke'));
    upstream.once('close', () => settle('the connection broke'));
  });

/** Reads a ClientHello off the client; the bytes up to its end, and those behind it. */
const readHello = async (
  { client, host }: TunnelOptions,
  initial: Buffer,
  check: (bytes: Buffer, host: string) => HelloVerdict | undefined,
): Promise<{ readonly hello: Buffer; readonly rest: Buffer } | Refusal> => {
  const read = (bytes: Buffer) => check(bytes, host);
  const { found, bytes } = await readStart({ stream: client, initial, timeout: HELLO_MS, read });
  if (!found?.ok) return otherName(host, found?.why ?? 'there is no TLS handshake');
  return { hello: bytes.subarray(0, found.length), rest: bytes.subarray(found.length) };
};

/** Lets the handshake through as far as a name stands in it: a server may ask for a second ClientHello. */
const passHandshake = async (options: TunnelOptions, upstream: Socket): Promise<Refusal | undefined> => {
  const first = await readHello(options, options.head, checkHello);
  if ('allowed' in first) return first;
  upstream.write(first.hello);
  // What the client sent behind it waits: it may be a second one already.
  const [initial, timeout] = [Buffer.alloc(0), HELLO_MS];
  const answer = await readStart({ stream: upstream, initial, timeout, read: asksForSecondHello });
  if (answer.found === undefined) return unreachable(options.host, 'it does not speak TLS');
  options.client.write(answer.bytes);
  if (!answer.found) {
    upstream.write(first.rest);
    return undefined;
  }
  const second = await readHello(options, first.rest, checkSecondHello);
  if ('allowed' in second) return second;
  upstream.write(second.hello);
  upstream.write(second.rest);
  return undefined;
};

/**
 * Answers a CONNECT with a tunnel whose content is not read, but for the name in its TLS handshake: it has to be the
 * host's own, so that a host that is let through is no front for another one at the same address. Resolves when the
 * tunnel is over, or with the refusal that the client got.
 */
export const openTunnel = async (options: TunnelOptions): Promise<TunnelBytes | Refusal> => {
  const { client, host, port, resolve = resolvePinned, connect = overTcp } = options;
  const refuse = (refusal: Refusal): Refusal => {
    client.end(rawRefusal(refusal));
    return refusal;
  };
  if (port !== HTTPS_PORT) return refuse(otherPort(host, port));
  const place = await resolve(host);
  if ('allowed' in place) return refuse(place);
  if (client.destroyed) return { sent: 0, received: 0 };
  const upstream = connect(place, port);
  upstream.on('error', () => upstream.destroy());
  client.once('close', () => upstream.destroy());
  const broken = await connected(upstream);
  if (broken !== undefined) {
    upstream.destroy();
    return refuse(unreachable(host, broken));
  }
  client.write(ESTABLISHED);
  const refusal = await passHandshake(options, upstream);
  if (refusal) {
    upstream.destroy();
    client.end(UNRECOGNIZED_NAME);
    return refusal;
  }
  await relay(client, upstream);
  return { sent: upstream.bytesWritten, received: upstream.bytesRead };
};
