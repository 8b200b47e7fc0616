import { createServer, type Server, type ServerOptions } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { isAnotherUsers } from '../../peer-user.ts';
import { parserOptions } from '../head/parser-options.ts';
import { gitHubSurfaces } from '../hosts/github-surfaces.ts';
import { resolvePinned } from '../hosts/pinned-lookup.ts';
import { shown } from '../shown.ts';
import { makeCertificateAuthority } from '../tls/certificate-authority.ts';
import { openTunnel } from '../tunnel/open-tunnel.ts';
import { answerRequests } from './answer-requests.ts';
import { askGitHub } from './ask-github.ts';
import type { Connections } from './connections.ts';
import { intercept } from './intercept.ts';
import { type OnConnectOptions, onConnect } from './on-connect.ts';
import type { EgressProxy, EgressProxyOptions } from './proxy-options.ts';
import { safeLog } from './safe-log.ts';
import { SignedUrls } from './signed-urls.ts';
import { Upstream } from './upstream.ts';

const HTTP: ServerOptions = {
  ...parserOptions,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5_000,
  highWaterMark: 256 * 1024,
  noDelay: true,
};

const listening = (server: Server, { host, port }: EgressProxyOptions['listen']): Promise<AddressInfo> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve(server.address() as AddressInfo);
    });
  });

const nameOnly = (host: string): string => host.replace(/:\d+$/, '');

/** A GitHub Enterprise Server may stand in a private network; github.com and *.ghe.com do not. */
const mayBePrivate = (endpoints: EgressProxyOptions['endpoints']): ((host: string) => boolean) => {
  const [{ git }] = endpoints;
  const { hostname } = new URL(git);
  const isPublic = hostname === 'github.com' || hostname.endsWith('.ghe.com');
  return (host) => !isPublic && (host === hostname || host.endsWith(`.${hostname}`));
};

/**
 * Starts the egress proxy of a sandbox: an HTTP/1.1 forward proxy that ends TLS for GitHub's hosts, decides each
 * request, and puts the sandbox's token on those it lets through.
 *
 * Rejects with the listening error when the address cannot be had.
 */
export const startEgressProxy = async (options: EgressProxyOptions): Promise<EgressProxy> => {
  const { endpoints, policy, now, log, tokens, inject } = options;
  const surfaces = gitHubSurfaces({ endpoints });
  const hosts = surfaces.hosts.map(nameOnly);
  const authority = makeCertificateAuthority({ name: policy().sandbox, hosts, now: now() });
  const upstream = new Upstream({
    origin: options.upstream,
    ca: options.upstreamCa,
    lookup: options.lookup,
    isPrivateAllowed: mayBePrivate(endpoints),
  });
  const { lookup, connect } = options;
  const resolve = (host: string) => resolvePinned(host, lookup ? { lookup } : {});
  const connections: Connections = new WeakMap();
  const sockets = new Set<Socket>();
  const underWay = new Set<Promise<unknown>>();
  const audit = safeLog(options.audit, log);
  const lookups = askGitHub({ upstream, api: endpoints[0].api, tokens });
  const handler = { surfaces, upstream, lookups, tokens, inject, now, signedUrls: new SignedUrls(now) };
  const answering = { connections, handler, policy, now, audit, localOrigins: surfaces.localOrigins };

  const inner = createServer(HTTP);
  const outer = createServer(HTTP);
  // There is no proxy behind this one.
  inner.on('connect', (_request, socket) => socket.destroy());
  answerRequests(inner, answering);
  answerRequests(outer, answering);
  const track = (work: Promise<unknown>): void => {
    underWay.add(work);
    work.finally(() => underWay.delete(work));
  };
  // Listens after whoever writes the line of the audit log at the same moment.
  for (const server of [inner, outer])
    for (const event of ['request', 'checkContinue', 'checkExpectation'] as const)
      server.on(event, (_request, response) =>
        track(new Promise<void>((resolve) => response.once('close', resolve))),
      );
  outer.prependListener('connection', (socket: Socket) => {
    const isForeign = options.sameUserOnly ? isAnotherUsers(socket) : Promise.resolve(false);
    connections.set(socket, { isForeign });
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const onOtherName = (host: string, servername: string): void => {
    log('proxy.other-name', { host, servername: shown(servername) });
    audit.write({
      time: new Date(now()).toISOString(),
      sandbox: policy().sandbox,
      method: 'CONNECT',
      host,
      path: '',
      verdict: 'denied',
      rule: 'host',
      reason: `[km] TLS to '${host}' denied -- its handshake names '${shown(servername)}'`,
      status: 421,
      bytes: { sent: 0, received: 0 },
      ms: 0,
    });
  };
  const connecting: OnConnectOptions = {
    surfaces,
    policy,
    now,
    audit,
    intercept: (client, hostname, facts) =>
      intercept(client, { hostname, facts }, { authority, inner, connections, now, onOtherName }),
    tunnel: (client, head, place) =>
      openTunnel({ client, head, ...place, resolve, ...(connect ? { connect } : {}) }),
  };
  outer.on('connect', (request, socket: Socket, head) => {
    socket.on('error', () => socket.destroy());
    const { isForeign = Promise.resolve(true) } = connections.get(socket) ?? {};
    track(
      onConnect(request, socket, { head, isForeign, options: connecting }).catch((error: unknown) => {
        log('proxy.fault', { error: String(error) });
        socket.destroy();
      }),
    );
  });
  const { port, address, family } = await listening(outer, options.listen);
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    port,
    caPem: authority.certificatePem,
    close: async () => {
      const closed = new Promise<void>((resolve) => outer.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      outer.closeAllConnections();
      await closed;
      // Each has its line in the audit log then.
      await Promise.all(underWay);
      upstream.close();
    },
  };
};
