import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Refusal } from '../decision.ts';
import { checkConnectionHead } from '../head/check-connection-head.ts';
import { parseAuthority } from '../hosts/host-name.ts';
import type { ProxyPolicy } from '../proxy-policy.ts';
import { shown } from '../shown.ts';
import { rawRefusal } from './answer-refusal.ts';
import type { Connections } from './connections.ts';
import { Exchange } from './exchange.ts';
import { type HandlerOptions, handleRequest } from './handle-request.ts';
import { NO_AUDIT, OTHER_USER } from './refusals.ts';
import type { SafeLog } from './safe-log.ts';

export interface AnsweringOptions {
  readonly connections: Connections;
  readonly handler: HandlerOptions;
  readonly policy: () => ProxyPolicy;
  readonly now: () => number;
  readonly audit: SafeLog;
  /** What may be asked for without TLS. */
  readonly localOrigins: readonly string[];
}

const notUnderstood = (status: number): Refusal => ({
  allowed: false,
  rule: 'http',
  status,
  reason:
    status === 431
      ? '[km] The head of this request is too long.'
      : '[km] This is no request of HTTP/1.1 that could be read in one way only.',
  remedy: 'Send it as RFC 9112 says, with at most 16 KiB of headers.',
});

/** Plain http leads to the local cloud alone; an address leads nowhere in any case. */
const notPlain = (host: string): Refusal => {
  const parsed = parseAuthority(`${host.replace(/:\d+$/, '')}:443`);
  const isAddress = 'allowed' in parsed && parsed.rule === 'address';
  return {
    allowed: false,
    rule: isAddress ? 'address' : 'host',
    status: 403,
    reason: isAddress
      ? `[km] '${shown(host)}' denied -- an address, and only names are let through`
      : `[km] '${shown(host)}' denied -- nothing is let through without TLS`,
    remedy: 'Use https, to GitHub or to a host of allowedHosts.',
  };
};

/** Reads requests off a server's connections, checks their heads, and has them decided. */
export const answerRequests = (server: Server, options: AnsweringOptions): void => {
  const { connections, handler, policy, now, localOrigins, audit } = options;
  const onRequest = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { connectHost, isForeign = Promise.resolve(true) } = connections.get(request.socket) ?? {};
    const head = checkConnectionHead(request.socket, {
      method: request.method ?? '',
      url: request.url ?? '',
      httpVersion: request.httpVersion,
      rawHeaders: request.rawHeaders,
      connectHost,
    });
    const isRefused = 'allowed' in head;
    const { host, target } = isRefused ? { host: connectHost ?? '', target: '' } : head;
    const exchange = new Exchange({
      request,
      response,
      host,
      target,
      policy: policy(),
      now,
      write: audit.write,
    });
    if (isRefused) return exchange.refuse(head, { isLast: true });
    if (head.scheme === 'http' && !localOrigins.includes(`http://${host}`))
      return exchange.refuse(notPlain(host));
    if (await isForeign) return exchange.refuse(OTHER_USER, { isLast: true });
    if (!audit.isWritable()) return exchange.refuse(NO_AUDIT, { isLast: true });
    await handleRequest(exchange, handler);
  };

  const begin = (request: IncomingMessage, response: ServerResponse): void => {
    response.on('error', () => response.destroy());
    onRequest(request, response).catch(() => response.destroy());
  };
  server.on('request', begin);
  server.on('checkContinue', (request, response) => {
    response.writeContinue();
    begin(request, response);
  });
  // Without a listener Node would answer by itself, and go on to what is behind.
  server.on('checkExpectation', begin);
  /** Refuses what is no request, in a line of the audit log too, and ends its connection. */
  const refuse = (socket: Duplex, refusal: Refusal, method = ''): void => {
    audit.write({
      time: new Date(now()).toISOString(),
      sandbox: policy().sandbox,
      method,
      host: shown(connections.get(socket)?.connectHost ?? ''),
      path: '',
      verdict: 'denied',
      rule: refusal.rule,
      reason: refusal.reason,
      status: refusal.status,
      bytes: { sent: 0, received: 0 },
      ms: 0,
    });
    if (socket.writable && !socket.destroyed) socket.end(rawRefusal(refusal));
    else socket.destroy();
  };
  // A listener keeps Node from taking such a request for an ordinary one.
  server.on('upgrade', ({ method = '' }, socket) => {
    socket.on('error', () => socket.destroy());
    refuse(socket, notUnderstood(400), method);
  });
  server.on('connect', (_request, socket) => {
    // On the proxy's own port this is how a connection begins.
    if (connections.get(socket)?.connectHost === undefined) return;
    socket.on('error', () => socket.destroy());
    refuse(socket, notUnderstood(400), 'CONNECT');
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const isGone = error.code === 'ECONNRESET' || error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
    const refusal = notUnderstood(error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400);
    if (!isGone) return refuse(socket, refusal);
    if (socket.writable && !socket.destroyed) socket.end(rawRefusal(refusal));
    else socket.destroy();
  });
};
