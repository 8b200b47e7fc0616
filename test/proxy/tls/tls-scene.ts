import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';
import type { ServerCertificate } from '../../../lib/proxy/tls/certificate-authority.ts';

export interface Ran {
  readonly status: number;
  readonly output: string;
}

/** Runs a program with an environment of its own, and takes what it says on both streams. */
export const run = (program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ran> =>
  new Promise((done) => {
    const options = { env: { PATH: process.env.PATH, LC_ALL: 'C', ...env } };
    execFile(program, args, options, (error, stdout, stderr) => {
      done({ status: error ? Number(error.code) : 0, output: stdout + stderr });
    });
  });

export interface Scene extends AsyncDisposable {
  readonly folder: string;
  write(name: string, text: string): Promise<string>;
  /** A web server behind a certificate, that says `hello` to any request. Gives its port. */
  serve(certificate: Pick<ServerCertificate, 'key' | 'cert'>): Promise<number>;
}

export const makeScene = async (): Promise<Scene> => {
  const folder = await mkdtemp(join(tmpdir(), 'km-tls-'));
  const servers: Server[] = [];
  return {
    folder,
    write: async (name, text) => {
      await writeFile(join(folder, name), text);
      return join(folder, name);
    },
    serve: async ({ key, cert }) => {
      const server = createServer({ key, cert }, (socket) => {
        socket.on('error', () => {});
        socket.once('data', () =>
          socket.end('HTTP/1.1 200 OK\r\ncontent-length: 6\r\nconnection: close\r\n\r\nhello\n'),
        );
      });
      server.on('tlsClientError', () => {});
      servers.push(server);
      await new Promise<void>((listening) => {
        server.listen(0, '127.0.0.1', listening);
      });
      return (server.address() as AddressInfo).port;
    },
    [Symbol.asyncDispose]: async () => {
      for (const server of servers) await new Promise((closed) => server.close(closed));
      await rm(folder, { recursive: true });
    },
  };
};
