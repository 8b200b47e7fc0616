/**
 * A process of the bench: ends TLS for GitHub's names and for `localhost`, and passes on what is inside. Direct and
 * proxied requests both go through it, so that both carry TLS.
 */
import { type AddressInfo, connect } from 'node:net';
import { createSecureContext, createServer, type SecureContext } from 'node:tls';
import { makeCertificateAuthority } from '../../../lib/proxy/tls/certificate-authority.ts';
import type { FrontOrder, FrontStarted } from './stage.ts';

const BYTES = ['raw.githubusercontent.com', 'uploads.github.com'];
const HOSTS = ['github.com', 'api.github.com', 'localhost', ...BYTES];

process.once('message', ({ port, bytesPort }: FrontOrder) => {
  const authority = makeCertificateAuthority({ name: 'front', hosts: HOSTS, now: Date.now() });
  const contexts = new Map<string, SecureContext>();
  for (const host of HOSTS) contexts.set(host, createSecureContext(authority.issue(host, Date.now())));
  const server = createServer(
    { SNICallback: (name, callback) => callback(null, contexts.get(name)) },
    (client) => {
      const { servername } = client as unknown as { readonly servername: string };
      const behind = connect(BYTES.includes(servername) ? bytesPort : port, '127.0.0.1');
      client.pipe(behind);
      behind.pipe(client);
      client.once('close', () => behind.destroy()).on('error', () => behind.destroy());
      behind.once('close', () => client.destroy()).on('error', () => client.destroy());
      client.setNoDelay(true);
      behind.setNoDelay(true);
    },
  );
  server.listen(0, '127.0.0.1', () => {
    const { port: front } = server.address() as AddressInfo;
    process.send?.({ port: front, caPem: authority.certificatePem } satisfies FrontStarted);
  });
});
process.once('disconnect', () => process.exit());
