import { execFile, execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import { type GitRun, gitEnvironment, type World } from './github-harness.ts';

const NAMES = [
  'github.com',
  'api.github.com',
  'uploads.github.com',
  'codeload.github.com',
  'raw.githubusercontent.com',
  'media.githubusercontent.com',
  'github-cloud.githubusercontent.com',
  'release-assets.githubusercontent.com',
  'lfs.github.com',
];

/** One request as it came through the front. */
export interface Seen {
  readonly method: string;
  /** `https://HOST/PATH?QUERY`. */
  readonly url: string;
  readonly body: string;
}

export interface Front {
  readonly seen: Seen[];
  /** Runs a client in the world's directory, behind the front and trusting its certificate. */
  run(
    command: string,
    args: readonly string[],
    options?: { cwd?: string; env?: Record<string, string> },
  ): Promise<GitRun>;
  close(): Promise<void>;
}

/** Whether a command is installed: some of the clients are not everywhere. */
export const isInstalled = (command: string): boolean => {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

const makeCertificate = (dir: string): { key: string; cert: string; file: string } => {
  const file = join(dir, 'front.pem');
  const out = execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
      .concat([
        '-subj',
        '/CN=front',
        '-addext',
        `subjectAltName=${NAMES.map((name) => `DNS:${name}`).join(',')}`,
      ])
      .concat(['-keyout', '-', '-out', '-']),
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const cert = /-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n/s.exec(out)?.[0] ?? '';
  writeFileSync(file, cert);
  return { key: out, cert, file };
};

/** A plain forward proxy that answers TLS for GitHub's names and passes everything on, so that real clients reach it. */
export const startFront = async (world: World): Promise<Front> => {
  const seen: Seen[] = [];
  const { key, cert, file } = makeCertificate(world.dir);
  const forward = (incoming: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    const upstream = request(
      {
        port: world.github.port,
        host: '127.0.0.1',
        method: incoming.method,
        path: incoming.url,
        headers: incoming.headers,
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    upstream.on('error', () => response.destroy());
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () =>
      seen.push({
        method: incoming.method ?? '',
        url: `https://${incoming.headers.host}${incoming.url}`,
        body: Buffer.concat(chunks).toString('latin1'),
      }),
    );
    incoming.pipe(upstream);
  };
  const tls = createTlsServer({ key, cert }, forward);
  const open = new Set<Socket>();
  const proxy = createHttpServer().on('connect', (_request, socket: Socket, head: Buffer) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket)).on('error', () => socket.destroy());
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    if (head.length > 0) socket.unshift(head);
    tls.emit('connection', socket);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const environment = {
    ...gitEnvironment(world.dir),
    https_proxy: url,
    HTTPS_PROXY: url,
    GIT_SSL_CAINFO: file,
    SSL_CERT_FILE: file,
    CURL_CA_BUNDLE: file,
    GH_CONFIG_DIR: join(world.dir, 'gh'),
    GH_NO_UPDATE_NOTIFIER: '1',
    GH_PROMPT_DISABLED: '1',
    NO_COLOR: '1',
  };
  return {
    seen,
    run: (command, args, { cwd = world.dir, env = {} } = {}) =>
      new Promise((resolve) => {
        const options = { cwd, env: { ...environment, ...env }, maxBuffer: 64 * 1024 * 1024 };
        execFile(command, args, options, (error, stdout, stderr) =>
          resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
        ).stdin?.end();
      }),
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        tls.closeAllConnections();
        proxy.close(() => resolve());
        proxy.closeAllConnections();
      }),
  };
};
