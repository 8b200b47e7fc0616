import { createHash, randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, createSecureContext, TLSSocket } from 'node:tls';
import { expect, test } from 'vitest';
import { makeCertificateAuthority } from '../../../lib/proxy/tls/certificate-authority.ts';
import { clientHelloBytes, extension, hello, message, record, serverName } from './client-hello-bytes.ts';
import { HOST, makeTunnelScene, readAll, readExactly } from './tunnel-scene.ts';

const ESTABLISHED = 'HTTP/1.1 200 Connection Established\r\n\r\n';
/** A fatal alert: unrecognized_name. */
const ALERT = '15030300020270';

const authority = makeCertificateAuthority({ name: 'test', hosts: [HOST, 'b.example.com'], now: Date.now() });
const { key, cert } = authority.issue(HOST, Date.now());

/** A TLS server that answers with the hash of all that came, once the client has ended. */
const hashing =
  (ecdhCurve = 'auto') =>
  (socket: Socket): void => {
    const secure = new TLSSocket(socket, {
      isServer: true,
      secureContext: createSecureContext({ key, cert, ecdhCurve }),
    });
    const hash = createHash('sha256');
    secure.on('data', (chunk: Buffer) => hash.update(chunk));
    secure.on('end', () => secure.end(hash.digest('hex')));
    secure.on('error', () => socket.destroy());
  };

const handshake = (socket: Socket, options: ConnectionOptions = {}): Promise<TLSSocket> =>
  new Promise((done, failed) => {
    const secure = connectTls({ socket, servername: HOST, ca: authority.certificatePem, ...options }, () =>
      done(secure),
    );
    secure.once('error', failed);
  });

const CLIENTS = [
  { what: 'TLS 1.3', server: 'auto', options: {} },
  { what: 'TLS 1.2', server: 'auto', options: { maxVersion: 'TLSv1.2' } },
  { what: 'a second ClientHello, asked for', server: 'P-384', options: { ecdhCurve: 'X25519:P-384' } },
] as const;

test.each(CLIENTS)('bytes go both ways unchanged: $what', async ({ server, options }) => {
  await using scene = await makeTunnelScene(hashing(server));
  const { client, over } = await scene.open();
  expect((await readExactly(client, ESTABLISHED.length)).toString()).toBe(ESTABLISHED);
  const secure = await handshake(client, options);
  const content = randomBytes(3_000_000);
  secure.end(content);
  let answer = '';
  for await (const chunk of secure) answer += chunk;
  expect(answer).toBe(createHash('sha256').update(content).digest('hex'));
  client.end();
  const bytes = await over;
  expect(bytes).toMatchObject({ sent: expect.any(Number), received: expect.any(Number) });
  if ('allowed' in bytes) return;
  expect(bytes.sent).toBeGreaterThan(content.length);
  expect(bytes.received).toBeGreaterThan(500);
});

const OTHER_HELLOS = [
  {
    what: 'another name',
    bytes: () => clientHelloBytes({ servername: 'b.example.com' }),
    why: 'the TLS handshake names another host',
  },
  {
    what: 'a name that begins alike',
    bytes: async () => hello(serverName(`${HOST}.evil.com`)),
    why: 'the TLS handshake names another host',
  },
  {
    what: 'the name with a dot at its end',
    bytes: async () => hello(serverName(`${HOST}.`)),
    why: 'the TLS handshake names another host',
  },
  {
    what: 'the name, and NUL behind it',
    bytes: async () => hello(serverName(`${HOST}\0`)),
    why: 'the TLS handshake names another host',
  },
  {
    what: 'no name',
    bytes: () => clientHelloBytes({ host: '127.0.0.1' }),
    why: 'the TLS handshake names no host',
  },
  {
    what: 'a hidden name behind its own',
    bytes: async () => hello(serverName(HOST), extension(0xfe0d, Buffer.alloc(40))),
    why: 'the TLS handshake may hide another name (ECH)',
  },
  {
    what: 'HTTP without TLS',
    bytes: async () => Buffer.from(`GET / HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`),
    why: 'the TLS handshake cannot be read: this is no TLS',
  },
  {
    what: 'SSH',
    bytes: async () => Buffer.from('SSH-2.0-OpenSSH_9.2\r\n'),
    why: 'the TLS handshake cannot be read: this is no TLS',
  },
];

test.each(OTHER_HELLOS)('$what: not a byte goes out', async ({ bytes, why }) => {
  const arrived: Promise<Buffer>[] = [];
  await using scene = await makeTunnelScene((socket) => arrived.push(readAll(socket)));
  const { client, over } = await scene.open();
  client.write(await bytes());
  expect(await over).toEqual({
    allowed: false,
    rule: 'host',
    status: 421,
    reason: `[km] Tunnel to '${HOST}' denied -- ${why}`,
    remedy: 'Use TLS, with the server name (SNI) of the host that CONNECT names, and without ECH.',
  });
  const answer = await readAll(client);
  expect(answer.toString('latin1', 0, ESTABLISHED.length)).toBe(ESTABLISHED);
  expect(answer.toString('hex', ESTABLISHED.length)).toBe(ALERT);
  expect(Buffer.concat(await Promise.all(arrived)).length).toBe(0);
});

test('bytes that came right behind CONNECT are looked at as well', async () => {
  await using scene = await makeTunnelScene((socket) => socket.resume());
  const { over } = await scene.open({ head: await clientHelloBytes({ servername: 'b.example.com' }) });
  expect(await over).toMatchObject({ allowed: false, rule: 'host', status: 421 });
});

test('a client that ends before a handshake is told apart from one that is let through', async () => {
  await using scene = await makeTunnelScene((socket) => socket.resume());
  const { client, over } = await scene.open();
  client.end(Buffer.from('1603', 'hex'));
  expect(await over).toMatchObject({
    reason: `[km] Tunnel to '${HOST}' denied -- there is no TLS handshake`,
  });
});

/** A ServerHello that asks for a second ClientHello. */
const RETRY = record(
  message(
    Buffer.concat([
      Buffer.of(3, 3),
      Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex'),
      Buffer.of(0, 0x13, 0x01, 0, 0, 0),
    ]),
    2,
  ),
);
const CHANGE_CIPHER_SPEC = record(Buffer.of(1), 20);

test('a second ClientHello for another host does not go out, sent ahead or when it is asked for', async () => {
  const first = hello(serverName(HOST));
  const second = Buffer.concat([CHANGE_CIPHER_SPEC, hello(serverName('b.example.com'))]);
  for (const isAhead of [true, false]) {
    const arrived: Promise<Buffer>[] = [];
    await using scene = await makeTunnelScene((socket) => {
      arrived.push(readAll(socket));
      socket.write(RETRY);
    });
    const { client, over } = await scene.open();
    client.write(isAhead ? Buffer.concat([first, second]) : first);
    const answer = await readExactly(client, ESTABLISHED.length + RETRY.length);
    expect(answer.subarray(ESTABLISHED.length)).toEqual(RETRY);
    if (!isAhead) client.write(second);
    expect(await over).toMatchObject({
      rule: 'host',
      reason: `[km] Tunnel to '${HOST}' denied -- the TLS handshake names another host`,
    });
    expect(await Promise.all(arrived)).toEqual([first]);
  }
});

test('a second ClientHello for the same host goes out, and all behind it', async () => {
  const arrived: Promise<Buffer>[] = [];
  await using scene = await makeTunnelScene((socket) => {
    arrived.push(readAll(socket));
    socket.write(RETRY);
  });
  const parts = [
    hello(serverName(HOST)),
    record(Buffer.alloc(100, 3), 23),
    CHANGE_CIPHER_SPEC,
    hello(serverName(HOST), extension(44, Buffer.of(0, 1, 1))),
    record(Buffer.alloc(50, 4), 23),
  ];
  const { client } = await scene.open();
  client.end(Buffer.concat(parts));
  await readExactly(client, ESTABLISHED.length + RETRY.length);
  expect(Buffer.concat(await Promise.all(arrived))).toEqual(Buffer.concat(parts));
});

test('an end of one direction is the end of that one only', async () => {
  await using scene = await makeTunnelScene((socket) => {
    const alert = record(Buffer.of(1, 0), 21);
    socket.once('data', () => socket.write(alert));
    socket.on('end', () => {
      // A while after the client has ended, an answer still arrives.
      setTimeout(() => socket.end('late'), 50);
    });
  });
  const { client, over } = await scene.open();
  client.end(hello(serverName(HOST)));
  const answer = await readAll(client);
  expect(answer.toString('latin1').slice(-4)).toBe('late');
  expect(await over).toEqual({ sent: hello(serverName(HOST)).length, received: 11 });
});

test.each(['client', 'other'] as const)(
  'when the %s’s connection breaks, so does the other one',
  async (side) => {
    const others: Socket[] = [];
    await using scene = await makeTunnelScene((socket) => {
      others.push(socket);
      socket.once('data', () => socket.write(record(Buffer.of(1, 0), 21)));
    });
    const { client, over } = await scene.open();
    client.write(hello(serverName(HOST)));
    await readExactly(client, ESTABLISHED.length + 7);
    const [other] = others;
    if (!other) throw new TypeError('nobody called');
    const [breaking, waiting] = side === 'client' ? [client, other] : [other, client];
    const ended = readAll(waiting);
    breaking.resetAndDestroy();
    await ended;
    expect('allowed' in (await over)).toBe(false);
  },
);

test('no port but that of https is dialled', async () => {
  await using scene = await makeTunnelScene(() => {});
  const { client, over } = await scene.open({ port: 22 });
  expect(await over).toMatchObject({ rule: 'host', status: 403, reason: expect.stringContaining('Port 22') });
  expect((await readAll(client)).toString()).toMatch(/^HTTP\/1\.1 403 /);
  expect(scene.dialled()).toBe(0);
});

test('a refusal of the address is the answer to CONNECT, and nothing is dialled', async () => {
  await using scene = await makeTunnelScene(() => {});
  const refusal = {
    allowed: false,
    rule: 'address',
    status: 403,
    reason: '[km] no',
    remedy: 'None.',
  } as const;
  const { client, over } = await scene.open({ resolve: async () => refusal });
  expect(await over).toEqual(refusal);
  const answer = (await readAll(client)).toString();
  expect(answer).toMatch(/^HTTP\/1\.1 403 /);
  expect(answer).toContain('\r\n\r\n[km] no\n');
  expect(scene.dialled()).toBe(0);
});

test('a host that takes no connection is told as such', async () => {
  await using scene = await makeTunnelScene(() => {});
  // Port 1 of loopback: nobody listens there.
  const { client, over } = await scene.open({ connect: () => connect({ host: '127.0.0.1', port: 1 }) });
  expect(await over).toMatchObject({
    rule: 'upstream',
    status: 502,
    reason: `[km] '${HOST}' cannot be reached: ECONNREFUSED`,
  });
  expect((await readAll(client)).toString()).toMatch(/^HTTP\/1\.1 502 /);
});
