import { Duplex } from 'node:stream';
import { type ConnectionOptions, connect } from 'node:tls';

/** The first bytes that Node's TLS sends: a real ClientHello. */
export const clientHelloBytes = (options: ConnectionOptions): Promise<Buffer> =>
  new Promise((done) => {
    const socket = new Duplex({
      read() {},
      write(chunk: Buffer, _encoding, written) {
        written();
        done(chunk);
        setImmediate(() => secure.destroy());
      },
    });
    const secure = connect({ socket, ...options });
    secure.on('error', () => {});
  });

const uint16 = (number: number): Buffer => Buffer.of(number >> 8, number & 0xff);
const vector16 = (...parts: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts);
  return Buffer.concat([uint16(content.length), content]);
};

export const extension = (type: number, content: Uint8Array): Buffer =>
  Buffer.concat([uint16(type), vector16(content)]);

/** A server_name extension with these names, each of type host_name. */
export const serverName = (...names: readonly string[]): Buffer =>
  extension(0, vector16(...names.flatMap((name) => [Buffer.of(0), vector16(Buffer.from(name, 'latin1'))])));

export const record = (content: Uint8Array, type = 22): Buffer =>
  Buffer.concat([Buffer.of(type, 3, 1), vector16(content)]);

export const message = (content: Uint8Array, type = 1): Buffer =>
  Buffer.concat([Buffer.of(type, content.length >> 16), uint16(content.length & 0xffff), content]);

/** The content of a ClientHello with these extensions. */
export const helloContent = (...extensions: readonly Buffer[]): Buffer =>
  Buffer.concat([
    Buffer.of(3, 3),
    Buffer.alloc(32, 7),
    Buffer.of(0),
    vector16(Buffer.of(0x13, 0x01)),
    Buffer.of(1, 0),
    vector16(...extensions),
  ]);

export const hello = (...extensions: readonly Buffer[]): Buffer =>
  record(message(helloContent(...extensions)));
