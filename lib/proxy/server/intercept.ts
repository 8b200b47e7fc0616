import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import type { CertificateAuthority, ServerCertificate } from '../tls/certificate-authority.ts';
import type { ConnectionFacts, Connections } from './connections.ts';

/** A client that says nothing within this time is not kept. Milliseconds. */
const HANDSHAKE_MS = 15_000;

export interface InterceptOptions {
  readonly authority: CertificateAuthority;
  /** The HTTP server that reads what is inside. */
  readonly inner: Server;
  readonly connections: Connections;
  readonly now: () => number;
  /** Told when the handshake names another host than CONNECT did. */
  readonly onOtherName: (host: string, servername: string) => void;
}

/** A context is made once for a certificate, and goes with it. */
const contexts = new WeakMap<ServerCertificate, SecureContext>();

const contextOf = (certificate: ServerCertificate): SecureContext => {
  const known = contexts.get(certificate);
  if (known) return known;
  const { key, cert } = certificate;
  const made = createSecureContext({ key, cert, minVersion: 'TLSv1.2' });
  contexts.set(certificate, made);
  return made;
};

/**
 * Ends the client's TLS here, with a certificate for the host that CONNECT named. A handshake for another host is
 * broken off: one connection is for one host. HTTP/1.1 is all that is spoken.
 */
export const intercept = (
  socket: Duplex,
  { hostname, facts }: { readonly hostname: string; readonly facts: ConnectionFacts },
  { authority, inner, connections, now, onOtherName }: InterceptOptions,
): void => {
  const secureContext = contextOf(authority.issue(hostname, now()));
  const secure = new TLSSocket(socket, {
    isServer: true,
    secureContext,
    ALPNProtocols: ['http/1.1'],
    SNICallback: (servername, callback) => {
      if (servername.toLowerCase() === hostname) return callback(null, secureContext);
      onOtherName(hostname, servername);
      callback(new TypeError('another host than that of CONNECT'));
    },
  });
  connections.set(secure, facts);
  const timer = setTimeout(() => secure.destroy(), HANDSHAKE_MS);
  secure.once('secure', () => {
    clearTimeout(timer);
    inner.emit('connection', secure);
  });
  secure.on('error', () => secure.destroy());
  secure.once('close', () => {
    clearTimeout(timer);
    socket.destroy();
  });
  // It would not hear of it: the connection is its own since it reads from it.
  socket.once('close', () => secure.destroy());
};
