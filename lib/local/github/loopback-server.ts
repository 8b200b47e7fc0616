import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server on 127.0.0.1 that holds its port from the first, and its requests until it is told who answers them. */
export interface LoopbackServer {
  readonly port: number;
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  answerWith(listener: RequestListener): void;
  /** Ends every connection, and waits for them. */
  close(): Promise<void>;
}

/** Listens on a port of 127.0.0.1; 0: a free one. Rejects with the listening error when it is taken. */
export const listenOnLoopback = async (port: number): Promise<LoopbackServer> => {
  const server = createServer({ requestTimeout: 0 });
  const ready = Promise.withResolvers<RequestListener>();
  server.on('request', (request, response) => {
    ready.promise.then((listener) => listener(request, response));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const taken = (server.address() as AddressInfo).port;
  return {
    port: taken,
    url: `http://127.0.0.1:${taken}`,
    answerWith: (listener) => ready.resolve(listener),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
