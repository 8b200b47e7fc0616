import type { Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import type { Asked, ProxyScene } from '../server/scene.ts';
import type { Shot } from './attack.ts';

/** Requests one after the other, each on a connection of its own. */
export const asked =
  (...requests: readonly Asked[]): Shot =>
  async (scene) => {
    for (const request of requests) await scene.request(request);
  };

/** A body in JSON, as the REST API takes it. */
export const json = (target: string, body: unknown, method = 'POST'): Asked => ({
  method,
  target,
  headers: { 'content-type': 'application/json' },
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

/** The lines of a head. */
export const head = (...lines: readonly string[]): string => `${lines.join('\r\n')}\r\n\r\n`;

/** Bytes as they are, within TLS with a host of GitHub; the last request in them has to end the connection. */
export const bytes =
  (raw: string | Buffer, host = 'api.github.com'): Shot =>
  (scene) =>
    scene.rawSecure(host, typeof raw === 'string' ? Buffer.from(raw, 'latin1') : raw);

/** Bytes as they are to the proxy itself, without any CONNECT. */
export const plain =
  (raw: string): Shot =>
  (scene) =>
    scene.raw(Buffer.from(raw, 'latin1'));

/** The next thing that comes on a socket, or its end. */
const answered = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    for (const event of ['data', 'end', 'close', 'error'] as const) socket.once(event, () => resolve());
  });

const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.on('error', () => undefined);
    if (socket.closed) return resolve();
    socket.once('close', () => resolve());
    socket.destroy();
  });

/** The beginning of a request within TLS; the client is gone once the proxy has had the time to send it on. */
export const brokenOff =
  (host: string, raw: string): Shot =>
  async (scene) => {
    const secure = await scene.secure(host);
    secure.write(raw);
    await scene.request({ target: '/rate_limit' });
    secure.end();
    await answered(secure);
    await closed(secure);
  };

/** A CONNECT, and nothing within. */
export const connecting =
  (authority: string): Shot =>
  async (scene) => {
    const socket = await scene.connect(authority);
    if (typeof socket !== 'number') await closed(socket);
  };

/** A CONNECT, and if it is granted these bytes within, until something comes back. */
export const within =
  (authority: string, content: Buffer | string): Shot =>
  async (scene) => {
    const socket = await scene.connect(authority);
    if (typeof socket === 'number') return;
    socket.write(content);
    await answered(socket);
    await closed(socket);
  };

/** A CONNECT with these bytes right behind it, before it is answered, until the proxy closes. */
export const early =
  (authority: string, content: Buffer | string): Shot =>
  async (scene) => {
    const socket = scene.tcp();
    socket.write(Buffer.concat([connectHead(authority), Buffer.from(content)]));
    // What was granted is not the answer to what stood behind it.
    await answered(socket);
    await answered(socket);
    await closed(socket);
  };

const connectHead = (authority: string): Buffer =>
  Buffer.from(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`, 'latin1');

/** A CONNECT to a host of GitHub, a TLS handshake with these options within, and one request if it succeeds. */
export const handshake =
  (host: string, options: ConnectionOptions): Shot =>
  async (scene: ProxyScene) => {
    const socket = await scene.connect(`${host}:443`);
    if (typeof socket === 'number') return;
    const secure = connectTls({ socket, ca: scene.proxy.caPem, servername: host, ...options });
    secure.on('secureConnect', () => {
      secure.write(
        head('GET /repos/my-org/my-repo HTTP/1.1', `Host: ${host}`, 'Connection: close').toString(),
      );
    });
    await answered(secure);
    await closed(secure);
    await closed(socket);
  };
