import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { connect } from 'node:tls';
import { expect, test } from 'vitest';
import { makeCertificateAuthority } from '../../../lib/proxy/tls/certificate-authority.ts';
import { makeScene, run } from './tls-scene.ts';

const HOSTS = ['github.com', 'api.github.com', 'ghe.example.com'];
const NOW = Date.parse('2026-11-20T10:00:00Z');
const DAY = 24 * 60 * 60 * 1000;

const authorityNow = () => makeCertificateAuthority({ name: 'sb-1234abcd', hosts: HOSTS, now: Date.now() });

test('openssl verifies a host certificate, strictly, for that host and for no other', async () => {
  await using scene = await makeScene();
  const authority = authorityNow();
  const ca = await scene.write('ca.pem', authority.certificatePem);
  const cert = await scene.write('cert.pem', authority.issue('api.github.com', Date.now()).cert);
  const verify = (host: string) =>
    run('openssl', [
      'verify',
      '-x509_strict',
      '-purpose',
      'sslserver',
      '-verify_hostname',
      host,
      '-CAfile',
      ca,
      cert,
    ]);
  expect(await verify('api.github.com')).toEqual({ status: 0, output: `${cert}: OK\n` });
  expect((await verify('github.com')).output).toContain('hostname mismatch');
});

test('the CA says in openssl’s words that it is one, for these hosts only, and signs no further CA', async () => {
  await using scene = await makeScene();
  const ca = await scene.write('ca.pem', authorityNow().certificatePem);
  const { output } = await run('openssl', ['x509', '-in', ca, '-noout', '-text']);
  const lines = output.split('\n').map((line) => line.trim());
  const after = (title: string) => lines[lines.findIndex((line) => line.startsWith(title)) + 1];
  expect(after('X509v3 Basic Constraints: critical')).toBe('CA:TRUE, pathlen:0');
  expect(after('X509v3 Key Usage: critical')).toBe('Certificate Sign');
  expect(after('X509v3 Name Constraints:')).toBe('Permitted:');
  expect(lines.filter((line) => line.startsWith('DNS:'))).toEqual(HOSTS.map((host) => `DNS:${host}`));
  expect(after('Excluded:')).toBe('IP:0.0.0.0/0.0.0.0');
  expect(output).toContain('ASN1 OID: prime256v1');
});

const clients = [
  { name: 'curl', program: 'curl', args: (ca: string) => ['-sS', '--cacert', ca] },
  {
    name: 'Python, with its strict flag',
    program: '/usr/bin/python3',
    args: (ca: string) => [
      '-c',
      [
        'import socket, ssl, sys, urllib.parse',
        'context = ssl.create_default_context(cafile=sys.argv[1])',
        'context.verify_flags |= ssl.VERIFY_X509_STRICT',
        'url = urllib.parse.urlsplit(sys.argv[-1])',
        'port = int(sys.argv[-2].split(":")[-1])',
        'with context.wrap_socket(socket.create_connection(("127.0.0.1", port)), server_hostname=url.hostname) as s:',
        '    s.sendall(b"GET / HTTP/1.1\\r\\n\\r\\n"); print(s.recv(1000).decode().split("\\r\\n\\r\\n")[-1], end="")',
      ].join('\n'),
      ca,
    ],
  },
];

test.each(clients.filter(({ program }) => program === 'curl' || existsSync(program)))(
  '$name trusts a host certificate by the CA file',
  async ({ program, args }) => {
    await using scene = await makeScene();
    const authority = authorityNow();
    const ca = await scene.write('ca.pem', authority.certificatePem);
    const port = await scene.serve(authority.issue('github.com', Date.now()));
    const to = ['--connect-to', `github.com:443:127.0.0.1:${port}`, 'https://github.com/'];
    expect(await run(program, [...args(ca), ...to])).toEqual({ status: 0, output: 'hello\n' });
  },
);

test('git (Debian builds it on GnuTLS) gets through the handshake by GIT_SSL_CAINFO, and not without', async () => {
  await using scene = await makeScene();
  const authority = authorityNow();
  const ca = await scene.write('ca.pem', authority.certificatePem);
  const port = await scene.serve(authority.issue('github.com', Date.now()));
  const fetch = (env: NodeJS.ProcessEnv) =>
    run(
      'git',
      [
        '-c',
        `http.curloptResolve=github.com:${port}:127.0.0.1`,
        'ls-remote',
        `https://github.com:${port}/o/r.git`,
      ],
      { HOME: scene.folder, GIT_CONFIG_NOSYSTEM: '1', ...env },
    );
  expect((await fetch({ GIT_SSL_CAINFO: ca })).output).toContain('not valid: is this a git repository?');
  expect((await fetch({})).output).toMatch(/certificate/i);
});

const handshake = (port: number, ca: string, servername: string): Promise<string> =>
  new Promise((done) => {
    const socket = connect({ port, host: '127.0.0.1', ca, servername }, () => {
      done(socket.authorized ? 'trusted' : 'open');
      socket.destroy();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
  });

test('Node trusts each host under its own CA, and under the CA of another sandbox none', async () => {
  await using scene = await makeScene();
  const [own, other] = [authorityNow(), authorityNow()];
  for (const host of HOSTS) {
    const port = await scene.serve(own.issue(host, Date.now()));
    expect(await handshake(port, own.certificatePem, host)).toBe('trusted');
    expect(await handshake(port, own.certificatePem, 'example.com')).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(await handshake(port, other.certificatePem, host)).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
  }
});

test('a certificate lasts seven days, and is another one after half of them', () => {
  const authority = makeCertificateAuthority({ name: 'sb-1234abcd', hosts: HOSTS, now: NOW });
  const first = authority.issue('github.com', NOW);
  expect(first.expiresAt).toBe(NOW + 7 * DAY);
  expect(Date.parse(new X509Certificate(first.cert).validTo)).toBe(first.expiresAt);
  expect(authority.issue('github.com', NOW + 3 * DAY)).toBe(first);
  const second = authority.issue('github.com', NOW + 4 * DAY);
  expect(second.expiresAt).toBe(NOW + 11 * DAY);
  expect(second.key).not.toBe(first.key);
});

test('no certificate outlives its CA', () => {
  const authority = makeCertificateAuthority({ name: 'sb-1234abcd', hosts: HOSTS, now: NOW });
  expect(authority.issue('github.com', authority.expiresAt - DAY).expiresAt).toBe(authority.expiresAt);
});

test.each([['gist.github.com'], ['GitHub.com'], ['example.com'], ['*.github.com'], ['github.com.'], ['']])(
  'no certificate for %j, which the CA was not made for',
  (host) => {
    const authority = makeCertificateAuthority({ name: 'sb-1234abcd', hosts: HOSTS, now: NOW });
    expect(() => authority.issue(host, NOW)).toThrow(expect.objectContaining({ code: 'ErrInternal' }));
  },
);

test.each([
  { name: 'sb-1234abcd', begins: 'CN=km egress proxy sb-1234abcd ' },
  { name: 'a\nb\u0000c', begins: 'CN=km egress proxy a?b?c ' },
  { name: 'x'.repeat(300), begins: `CN=km egress proxy ${'x'.repeat(39)} ` },
])('a name of any kind fits into the CA’s: $begins', ({ name, begins }) => {
  const { certificatePem } = makeCertificateAuthority({ name, hosts: HOSTS, now: NOW });
  expect(new X509Certificate(certificatePem).subject.slice(0, -8)).toBe(begins);
});

test('what the sandbox gets to trust holds no key, and no two CAs are the same', () => {
  const [one, two] = [authorityNow(), authorityNow()];
  expect(one.certificatePem).not.toContain('PRIVATE');
  expect(JSON.stringify(one)).not.toContain('PRIVATE');
  expect(new X509Certificate(one.certificatePem).serialNumber).not.toBe(
    new X509Certificate(two.certificatePem).serialNumber,
  );
});
