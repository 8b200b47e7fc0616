import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A GitHub that takes and gives bodies as a test tells it to, and counts its connections. */
export class StreamingGitHub implements AsyncDisposable {
  readonly url: string;
  readonly connections: Socket[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('connection', (socket: Socket) => this.connections.push(socket));
  }

  static async start(listener: RequestListener): Promise<StreamingGitHub> {
    const server = createServer({ requestTimeout: 0 }, (request, response) => {
      for (const stream of [request, response]) stream.on('error', () => undefined);
      listener(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new StreamingGitHub(server);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const ZERO = '0'.repeat(40);
const line = `${ZERO} ${'a'.repeat(40)} refs/heads/main\0 report-status object-format=sha1`;

/** The head of a push that makes `main`, up to where its pack begins. */
export const PUSH_HEAD = `${(line.length + 4).toString(16).padStart(4, '0')}${line}0000`;

/** The head of the request that carries a push of so many bytes; absent: in chunks. */
export const pushRequest = (length?: number): string =>
  [
    'POST /my-org/my-repo.git/git-receive-pack HTTP/1.1',
    'Host: github.com',
    'Content-Type: application/x-git-receive-pack-request',
    length === undefined ? 'Transfer-Encoding: chunked' : `Content-Length: ${length}`,
    '\r\n',
  ].join('\r\n');

/** One chunk of a chunked body. */
export const chunk = (bytes: string): string => `${bytes.length.toString(16)}\r\n${bytes}\r\n`;
