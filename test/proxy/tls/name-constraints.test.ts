import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { extensions } from '../../../lib/proxy/tls/certificate-extensions.ts';
import { der } from '../../../lib/proxy/tls/der.ts';
import { keyIdentifier, writeCertificate } from '../../../lib/proxy/tls/write-certificate.ts';
import { makeScene, run } from './tls-scene.ts';

const HOUR = 60 * 60 * 1000;

/** What somebody who got hold of the CA's key could make of it. */
const forge = (permitted: readonly string[], names: Buffer) => {
  const authority = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const server = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const id = keyIdentifier(authority.publicKey);
  const common = {
    issuer: 'a CA',
    notBefore: Date.now() - HOUR,
    notAfter: Date.now() + HOUR,
    signedBy: authority.privateKey,
  };
  const ca = writeCertificate({
    ...common,
    serial: Buffer.of(1),
    subject: 'a CA',
    publicKey: authority.publicKey,
    extensions: [
      extensions.authority(),
      extensions.signsCertificates(),
      extensions.permitsOnly(permitted),
      extensions.subjectKey(id),
    ],
  });
  const cert = writeCertificate({
    ...common,
    serial: Buffer.of(2),
    subject: 'a server',
    publicKey: server.publicKey,
    extensions: [names, extensions.issuerKey(id)],
  });
  return { ca, cert };
};

const alternativeName = (name: Buffer): Buffer =>
  der.sequence(der.oid('2.5.29.17'), der.octetString(der.sequence(name)));

const cases = [
  { what: 'its host', names: extensions.forHost('github.com'), answer: 'trusted' },
  { what: 'another host', names: extensions.forHost('example.com'), answer: 'refused' },
  {
    what: 'a host that ends alike',
    names: extensions.forHost('notgithub.com'),
    answer: 'refused',
  },
  {
    what: 'an IPv4 address',
    names: alternativeName(der.implicit(7, Buffer.of(127, 0, 0, 1))),
    answer: 'refused',
  },
  {
    what: 'an IPv6 address',
    names: alternativeName(der.implicit(7, Buffer.alloc(16, 1))),
    answer: 'refused',
  },
];

test.each(cases)('a certificate of $what under a CA for github.com is $answer by openssl', async (item) => {
  await using scene = await makeScene();
  const { ca, cert } = forge(['github.com'], item.names);
  const files = [await scene.write('ca.pem', ca), await scene.write('cert.pem', cert)] as const;
  const { status, output } = await run('openssl', ['verify', '-CAfile', files[0], files[1]]);
  expect(status === 0 ? 'trusted' : 'refused').toBe(item.answer);
  if (item.answer === 'refused')
    expect(output).toMatch(/permitted subtree violation|excluded subtree violation/);
});

test('a CA for no host at all certifies none', async () => {
  await using scene = await makeScene();
  const { ca, cert } = forge([], extensions.forHost('github.com'));
  const files = [await scene.write('ca.pem', ca), await scene.write('cert.pem', cert)] as const;
  const { output } = await run('openssl', ['verify', '-CAfile', files[0], files[1]]);
  expect(output).toContain('permitted subtree violation');
});
