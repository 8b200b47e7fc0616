import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { AuditEntry } from '../../../lib/proxy/audit-entry.ts';
import type { ProxyPolicy } from '../../../lib/proxy/proxy-policy.ts';
import type { EgressProxy, EgressProxyOptions } from '../../../lib/proxy/server/proxy-options.ts';
import { startEgressProxy } from '../../../lib/proxy/server/start-proxy.ts';
import type { TokenHolder } from '../../../lib/proxy/server/token-holder.ts';
import { Secret } from '../../../lib/secret.ts';

/** A request as it arrived at GitHub. */
export interface Seen {
  readonly method: string;
  readonly host: string;
  readonly target: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

export interface Asked {
  readonly host?: string;
  readonly method?: string;
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}

/** Reaches one repo with every permission of a push, and two refs of it. */
export const POLICY: ProxyPolicy = {
  sandbox: 'sb-1a2b3c4d',
  allowedRepos: ['my-org/my-repo'],
  permissions: { contents: 'write', metadata: 'read' },
  guard: { allowedRefs: ['main', 'release/*'], allowForcePushes: false, allowDeletions: false },
  graphql: 'none',
  allowedHosts: [],
};

/** The same sandbox with every rule off that a profile can switch off. */
export const EVERYTHING: ProxyPolicy = {
  ...POLICY,
  allowedRepos: ['*'],
  permissions: {
    contents: 'write',
    metadata: 'read',
    issues: 'write',
    pull_requests: 'write',
    checks: 'write',
    actions: 'write',
    workflows: 'write',
  },
  guard: { allowForcePushes: true, allowDeletions: true },
  graphql: 'read',
};

export const TOKEN = `ghs_${'k'.repeat(36)}`;

/** Holds one token, which serves any owner. */
export const holderOf = (token: string): TokenHolder => ({
  owners: () => ['my-org'],
  token: async () => new Secret(token),
  isIssued: async (candidate) => candidate.reveal() === token,
  forget: () => undefined,
});

const reply = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

/** The chunks that are whole; an answer that was broken off may end within one. */
const unchunked = (body: Buffer): Buffer => {
  const chunks: Buffer[] = [];
  for (let at = 0; ; ) {
    const end = body.indexOf('\r\n', at);
    const length = end < 0 ? 0 : Number.parseInt(body.toString('latin1', at, end), 16);
    if (length === 0) return Buffer.concat(chunks);
    chunks.push(body.subarray(end + 2, end + 2 + length));
    at = end + 2 + length + 2;
  }
};

const parsed = (bytes: Buffer): Answer => {
  const end = bytes.indexOf('\r\n\r\n');
  const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const headers = new Map(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  const body = bytes.subarray(end + 4);
  const isChunked = headers.get('transfer-encoding') === 'chunked';
  return { status: Number(first.split(' ')[1]), headers, body: isChunked ? unchunked(body) : body };
};

const everything = (socket: Socket): Promise<Buffer> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', () => undefined);
    for (const event of ['end', 'close'] as const)
      socket.once(event, () => {
        resolve(Buffer.concat(chunks));
        socket.destroy();
      });
  });

/** A proxy in front of a GitHub that writes down what reaches it. */
export class ProxyScene implements AsyncDisposable {
  readonly seen: Seen[] = [];
  readonly audit: AuditEntry[] = [];
  readonly proxy: EgressProxy;
  readonly upstream: string;
  readonly #server: Server;

  private constructor(proxy: EgressProxy, server: Server, upstream: string) {
    this.proxy = proxy;
    this.#server = server;
    this.upstream = upstream;
  }

  static async start(
    options: Partial<Omit<EgressProxyOptions, 'policy'>> & {
      readonly policy?: ProxyPolicy | (() => ProxyPolicy);
      /** Answers a request that has arrived; absent: 200 with `{}`. */
      readonly onRequest?: (seen: Seen, response: ServerResponse) => void;
    } = {},
  ): Promise<ProxyScene> {
    const { onRequest, policy = POLICY, ...rest } = options;
    const noted: { scene?: ProxyScene } = {};
    const server = createServer((request, response) => {
      reply(request).then(
        (body) => {
          const { method = '', url = '', headers } = request;
          const seen = { method, target: url, headers, host: headers.host ?? '', body };
          noted.scene?.seen.push(seen);
          if (onRequest) return onRequest(seen, response);
          response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
        },
        () => response.destroy(),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const upstream = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const proxy = await startEgressProxy({
      policy: typeof policy === 'function' ? policy : () => policy,
      endpoints: [{ git: 'https://github.com', api: 'https://api.github.com' }],
      upstream,
      tokens: holderOf(TOKEN),
      inject: true,
      listen: { host: '127.0.0.1', port: 0 },
      sameUserOnly: false,
      audit: { write: (entry) => noted.scene?.audit.push(entry), isWritable: () => true },
      log: () => undefined,
      now: () => Date.now(),
      ...rest,
    });
    noted.scene = new ProxyScene(proxy, server, upstream);
    return noted.scene;
  }

  /** A connection to the proxy itself. */
  tcp(): Socket {
    return connectTcp({ port: this.proxy.port, host: '127.0.0.1', allowHalfOpen: true });
  }

  /** Sends bytes to the proxy as they are, and takes everything until it closes. */
  async raw(bytes: string | Buffer): Promise<string> {
    const socket = this.tcp();
    const all = everything(socket);
    socket.write(bytes);
    return (await all).toString('latin1');
  }

  /** Opens a CONNECT; the socket when it was granted, else the status. */
  connect(authority: string): Promise<Socket | number> {
    const socket = this.tcp();
    return new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.once('data', (chunk: Buffer) => {
        const status = Number(chunk.toString('latin1').split(' ')[1]);
        if (status === 200) return resolve(socket);
        socket.destroy();
        resolve(status);
      });
      socket.once('close', () => resolve(0));
      socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`);
    });
  }

  /** TLS with a host through the proxy, as a sandbox that trusts its CA does it. */
  async secure(host: string, servername = host): Promise<TLSSocket> {
    const socket = await this.connect(`${host}:443`);
    if (typeof socket === 'number') throw new Error(`CONNECT ${host}: ${socket}`);
    const secure = connectTls({
      socket,
      servername,
      ca: this.proxy.caPem,
      ALPNProtocols: ['http/1.1'],
      // The name that is checked is the one that was asked for, whatever the handshake says.
      checkServerIdentity: () => undefined,
    });
    await new Promise<void>((resolve, reject) => {
      secure.once('secureConnect', resolve);
      secure.once('error', reject);
    });
    return secure;
  }

  /** Sends bytes within TLS as they are, and takes everything until the proxy closes. */
  async rawSecure(host: string, bytes: string | Buffer): Promise<string> {
    const secure = await this.secure(host);
    const all = everything(secure);
    secure.write(bytes);
    return (await all).toString('latin1');
  }

  /** One request to a host of GitHub, on a connection of its own. */
  async request({
    host = 'api.github.com',
    method = 'GET',
    target,
    headers = {},
    body,
  }: Asked): Promise<Answer> {
    const secure = await this.secure(host);
    const all = everything(secure);
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const lines = Object.entries({ host, connection: 'close', ...length, ...headers });
    secure.write(
      `${method} ${target} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}`).join('\r\n')}\r\n\r\n`,
    );
    if (body !== undefined) secure.write(body);
    return parsed(await all);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.proxy.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
