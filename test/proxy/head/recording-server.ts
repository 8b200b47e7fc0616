import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { checkConnectionHead } from '../../../lib/proxy/head/check-connection-head.ts';
import { forwardedHeaders } from '../../../lib/proxy/head/forwarded-headers.ts';
import { parserOptions } from '../../../lib/proxy/head/parser-options.ts';

/** A request as it would go on to GitHub; `body` is undefined when the client went away within it. */
export interface Recorded {
  readonly method: string;
  readonly host: string;
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string | undefined;
}

export interface Exchange {
  readonly recorded: readonly Recorded[];
  /** Everything that came back. */
  readonly answer: string;
}

export interface RecordingServer extends AsyncDisposable {
  /** Sends bytes over a connection of their own, ends it, and waits for the other end. */
  send(bytes: Buffer | string): Promise<Exchange>;
}

/** A real node:http server that checks each head, records what passes, and closes after a refusal. */
export const startRecordingServer = async (connectHost: string | undefined): Promise<RecordingServer> => {
  const byPort = new Map<number, Recorded[]>();
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '', httpVersion, rawHeaders, socket } = request;
    const head = checkConnectionHead(socket, { method, url, httpVersion, rawHeaders, connectHost });
    if ('allowed' in head) {
      response.writeHead(head.status, { connection: 'close' });
      response.end(head.reason);
      return;
    }
    const index = byPort.get(socket.remotePort ?? 0)?.length ?? 0;
    const records = byPort.get(socket.remotePort ?? 0) ?? [];
    const passed = {
      method: head.method,
      host: head.host,
      target: head.target,
      headers: forwardedHeaders(rawHeaders),
    };
    records[index] = { ...passed, body: undefined };
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
      records[index] = { ...passed, body: Buffer.concat(chunks).toString('latin1') };
    } catch {
      // The client went away: what it sent stays on record without a body.
    }
    response.end('ok');
  };
  const server = createServer(parserOptions, answer);
  // Without a listener node:http answers by itself, and goes on with what is behind.
  server.on('checkExpectation', answer);
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
  const { port } = server.address() as AddressInfo;
  const send = (bytes: Buffer | string): Promise<Exchange> =>
    new Promise((done) => {
      let answer = '';
      const recorded: Recorded[] = [];
      const socket = connect({ port, host: '127.0.0.1' }, () => {
        byPort.set(socket.localPort ?? 0, recorded);
        socket.end(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
      });
      const { localPort } = socket;
      socket.setEncoding('latin1');
      socket.on('data', (chunk: string) => {
        answer += chunk;
      });
      socket.on('error', () => {});
      socket.on('close', () => {
        byPort.delete(localPort ?? 0);
        done({ recorded, answer });
      });
    });
  return {
    send,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
};
