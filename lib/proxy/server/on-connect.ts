import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { AuditEntry } from '../audit-entry.ts';
import type { Refusal, Rule } from '../decision.ts';
import type { GitHubSurfaces } from '../hosts/github-surfaces.ts';
import { hostIsAllowed, parseAuthority } from '../hosts/host-name.ts';
import type { ProxyPolicy } from '../proxy-policy.ts';
import { shown } from '../shown.ts';
import { rawRefusal } from './answer-refusal.ts';
import type { ConnectionFacts } from './connections.ts';
import { NO_AUDIT, OTHER_USER } from './refusals.ts';
import type { SafeLog } from './safe-log.ts';

const HTTPS_PORT = 443;
const ESTABLISHED = 'HTTP/1.1 200 Connection Established\r\n\r\n';

export interface OnConnectOptions {
  readonly surfaces: GitHubSurfaces;
  readonly policy: () => ProxyPolicy;
  readonly now: () => number;
  readonly audit: SafeLog;
  /** Ends TLS here: the host is one of GitHub's. */
  readonly intercept: (socket: Socket, hostname: string, facts: ConnectionFacts) => void;
  /** Passes bytes on unread; tells how many each way when it is over, or why it could not. */
  readonly tunnel: (
    socket: Socket,
    head: Buffer,
    place: { readonly host: string; readonly port: number },
  ) => Promise<{ readonly sent: number; readonly received: number } | Refusal>;
}

const notAllowed = (host: string): Refusal => ({
  allowed: false,
  rule: 'host',
  status: 403,
  reason: `[km] '${host}' denied -- not in allowedHosts`,
  remedy: 'Add it to spec.network.egress.allowedHosts of the profile.',
});

/** Behind an unread tunnel to one of GitHub's own machines, a Host header could ask for any of its hosts. */
const notKnown = (host: string): Refusal => ({
  allowed: false,
  rule: 'host',
  status: 403,
  reason: `[km] '${host}' denied -- it is GitHub's, and carries no repo of the profile`,
  remedy: 'Use git, the REST API or a download URL; GitHub is never tunnelled, whatever allowedHosts says.',
});

const otherPort = (host: string, port: number, own = HTTPS_PORT): Refusal => ({
  allowed: false,
  rule: 'host',
  status: 403,
  reason: `[km] Port ${port} of '${host}' denied -- only https on port ${own} is let through`,
  remedy: 'Use https on its own port.',
});

/** Where a CONNECT leads. */
type Place =
  | Refusal
  | { readonly kind: 'intercept'; readonly hostname: string; readonly connectHost: string }
  | { readonly kind: 'tunnel'; readonly host: string; readonly port: number };

const placeOf = (authority: string, policy: ProxyPolicy, surfaces: GitHubSurfaces): Place => {
  const parsed = parseAuthority(authority);
  if ('allowed' in parsed) return parsed;
  const { host, port } = parsed;
  const connectHost = port === HTTPS_PORT ? host : `${host}:${port}`;
  if (surfaces.hosts.includes(connectHost)) return { kind: 'intercept', hostname: host, connectHost };
  // GitHub is read, whatever the profile says: a wildcard may cover its name.
  const known = surfaces.hosts.map((each) => each.split(':')).find(([name]) => name === host);
  if (known) return otherPort(host, port, Number(known[1] ?? HTTPS_PORT));
  if (surfaces.isGitHubs(host)) return notKnown(shown(host));
  if (!hostIsAllowed(policy.allowedHosts, host)) return notAllowed(shown(host));
  return port === HTTPS_PORT ? { kind: 'tunnel', host, port } : otherPort(host, port);
};

/** Answers CONNECT: GitHub's hosts are looked into, the profile's own are tunnelled, and nothing else is reached. */
export const onConnect = async (
  request: IncomingMessage,
  socket: Socket,
  {
    head,
    isForeign,
    options,
  }: { readonly head: Buffer; readonly isForeign: Promise<boolean>; readonly options: OnConnectOptions },
): Promise<void> => {
  const { surfaces, policy, now, audit } = options;
  const started = now();
  const { sandbox } = policy();
  const entry = (rule: Rule, refusal?: Refusal, bytes = { sent: 0, received: 0 }): AuditEntry => ({
    time: new Date(started).toISOString(),
    sandbox,
    method: 'CONNECT',
    host: shown(request.url ?? ''),
    path: '',
    verdict: refusal ? 'denied' : 'allowed',
    rule: refusal?.rule ?? rule,
    ...(refusal ? { reason: refusal.reason, status: refusal.status } : {}),
    bytes,
    ms: now() - started,
  });
  const refuse = (refusal: Refusal): void => {
    audit.write(entry('tunnel', refusal));
    socket.end(rawRefusal(refusal));
  };

  const place = (await isForeign) ? OTHER_USER : placeOf(request.url ?? '', policy(), surfaces);
  if ('allowed' in place) return refuse(place);
  if (!audit.isWritable()) return refuse(NO_AUDIT);
  if (socket.destroyed) return;
  if (place.kind === 'tunnel') {
    // Nothing is answered before the other end is there.
    const over = await options.tunnel(socket, head, place);
    if ('allowed' in over) return audit.write(entry('tunnel', over));
    return audit.write(entry('tunnel', undefined, over));
  }
  socket.write(ESTABLISHED);
  if (head.length > 0) socket.unshift(head);
  options.intercept(socket, place.hostname, { connectHost: place.connectHost, isForeign });
};
