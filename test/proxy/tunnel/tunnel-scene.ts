import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Refusal } from '../../../lib/proxy/decision.ts';
import { openTunnel, type TunnelBytes, type TunnelOptions } from '../../../lib/proxy/tunnel/open-tunnel.ts';

const listen = (server: Server): Promise<number> =>
  new Promise((done) => {
    server.listen(0, '127.0.0.1', () => done((server.address() as AddressInfo).port));
  });

export interface TunnelScene extends AsyncDisposable {
  /** A client whose CONNECT to the host was just read; `over` is what became of the tunnel. */
  open(options?: Partial<Omit<TunnelOptions, 'client'>>): Promise<{
    readonly client: Socket;
    readonly over: Promise<TunnelBytes | Refusal>;
  }>;
  /** Connections that were made to the other end. */
  readonly dialled: () => number;
}

export const HOST = 'a.example.com';

/** The other end is what `serve` does with a connection to it, at a made-up public address. */
export const makeTunnelScene = async (serve: (socket: Socket) => void): Promise<TunnelScene> => {
  const sockets = new Set<Socket>();
  let dialled = 0;
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on('error', () => {});
  };
  const other = createServer({ allowHalfOpen: true }, (socket) => serve(keep(socket)));
  const otherPort = await listen(other);
  return {
    dialled: () => dialled,
    open: async (options = {}) => {
      const proxy = createServer({ allowHalfOpen: true, pauseOnConnect: true });
      const proxyPort = await listen(proxy);
      const client = keep(connect({ port: proxyPort, host: '127.0.0.1', allowHalfOpen: true }));
      const socket = await new Promise<Socket>((accepted) => {
        proxy.once('connection', accepted);
      });
      keep(socket);
      proxy.close();
      const over = openTunnel({
        client: socket,
        head: Buffer.alloc(0),
        host: HOST,
        port: 443,
        resolve: async () => ({ address: '140.82.121.3', family: 4 }),
        connect: () => {
          dialled += 1;
          return keep(connect({ port: otherPort, host: '127.0.0.1', allowHalfOpen: true }));
        },
        ...options,
      });
      return { client, over };
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => other.close(closed));
    },
  };
};

/** Everything that comes on a socket until it ends. */
export const readAll = async (socket: Socket): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of socket.iterator({ destroyOnReturn: false })) chunks.push(chunk as Buffer);
  } catch {
    // A connection that was broken off ends as well.
  }
  return Buffer.concat(chunks);
};

/** The next bytes on a socket, as many as asked for. */
export const readExactly = (socket: Socket, length: number): Promise<Buffer> =>
  new Promise((done) => {
    const look = (): void => {
      const bytes = socket.read(length) as Buffer | null;
      if (bytes === null) return;
      socket.off('readable', look);
      done(bytes);
    };
    socket.on('readable', look);
    look();
  });
