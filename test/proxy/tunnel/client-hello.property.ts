import { duplexPair } from 'node:stream';
import { createSecureContext, TLSSocket } from 'node:tls';
import fc from 'fast-check';
import { makeCertificateAuthority } from '../../../lib/proxy/tls/certificate-authority.ts';
import { checkHello } from '../../../lib/proxy/tunnel/check-hello.ts';
import { clientHelloBytes, record } from './client-hello-bytes.ts';

const HOST = 'a.example.com';
const OTHER = 'b.example.com';

/** What OpenSSL makes of a client's bytes: the name, `undefined` for none; `'refused'` when it takes no handshake from them. */
type Reading = { readonly name: string | undefined } | 'refused';

const { key, cert } = makeCertificateAuthority({ name: 'test', hosts: [HOST], now: Date.now() }).issue(
  HOST,
  Date.now(),
);
const secureContext = createSecureContext({ key, cert });
const SERVER_HELLO = 22;

const readByOpenSsl = (bytes: Buffer): Promise<Reading> =>
  new Promise((done) => {
    const [client, server] = duplexPair();
    let name: string | undefined;
    const secure = new TLSSocket(server, {
      isServer: true,
      secureContext,
      SNICallback: (servername, callback) => {
        name = servername;
        callback(null, secureContext);
      },
    });
    const settle = (reading: Reading): void => {
      done(reading);
      secure.destroy();
      client.destroy();
    };
    secure.on('error', () => settle('refused'));
    client.on('error', () => {});
    // The first byte that comes back tells: a ServerHello, or an alert.
    client.once('data', (chunk: Buffer) => settle(chunk[0] === SERVER_HELLO ? { name } : 'refused'));
    client.once('end', () => settle('refused'));
    client.end(bytes);
  });

const mutation = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  /** Most of what tells about a name stands in the extensions' lengths and types. */
  byte: fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 13, 16, 18)),
  kind: fc.constantFrom('change', 'change', 'change', 'insert', 'remove'),
});

const spread = (message: Buffer, cuts: readonly number[]): Buffer => {
  const ends = [...cuts.map((cut) => Math.floor(cut * message.length)), message.length].sort((a, b) => a - b);
  const parts = ends.map((end, index) => message.subarray(ends[index - 1] ?? 0, end));
  return Buffer.concat(parts.filter((part) => part.length > 0).map((part) => record(part)));
};

/** OpenSSL is the oracle: a handshake that is let through for a host is for that host to a server, or for none at all. */
export const clientHellos = {
  title: 'a ClientHello that is let through names the same host to OpenSSL',
  run: async (cases: number): Promise<void> => {
    const whole = [
      await clientHelloBytes({ servername: HOST }),
      await clientHelloBytes({ servername: HOST, maxVersion: 'TLSv1.2' }),
      await clientHelloBytes({ servername: OTHER }),
    ];
    let passed = 0;
    const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 3 });
    const mutations = fc.oneof(fc.constant([]), fc.array(mutation, { maxLength: 3 }));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...whole), mutations, cuts, async (first, changes, places) => {
        let message = first.subarray(5);
        for (const { at, byte, kind } of changes) {
          const index = Math.floor(at * message.length);
          const put = kind === 'remove' ? [] : [byte];
          const rest = message.subarray(kind === 'insert' ? index : index + 1);
          message = Buffer.concat([message.subarray(0, index), Buffer.from(put), rest]);
        }
        const bytes = spread(message, places);
        if (!checkHello(bytes, HOST)?.ok) return;
        const reading = await readByOpenSsl(bytes);
        if (reading === 'refused') return;
        passed += 1;
        if (reading.name?.toLowerCase() !== HOST) {
          throw new TypeError(`${bytes.toString('hex')} names ${JSON.stringify(reading.name)} to OpenSSL`);
        }
      }),
      { numRuns: cases },
    );
    if (passed < cases / 10) throw new TypeError(`only ${passed} of ${cases} were let through`);
  },
} as const;
