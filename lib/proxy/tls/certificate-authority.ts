import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { KmError } from '../../errors.ts';
import { extensions } from './certificate-extensions.ts';
import { keyIdentifier, writeCertificate } from './write-certificate.ts';

export interface CertificateAuthorityOptions {
  /** For whom to read it: the sandbox's id. Stands in the CA's name. */
  readonly name: string;
  /** The only names that it certifies, in lower case, without ports. */
  readonly hosts: readonly string[];
  /** Milliseconds since 1970, on the clock of those who check the certificates. */
  readonly now: number;
}

/** A server's certificate and its key, both in PEM. */
export interface ServerCertificate {
  readonly key: string;
  readonly cert: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

export interface CertificateAuthority {
  /** What a sandbox is to trust. Holds no key. */
  readonly certificatePem: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /**
   * The certificate of a host, the same object until half of its seven days are over: it can be the key of a cache.
   * Throws `ErrInternal` for a host that the CA was not made for.
   */
  issue(host: string, now: number): ServerCertificate;
}

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;
const AUTHORITY_DAYS = 730;
const SERVER_DAYS = 7;
/** For a sandbox whose clock is behind the proxy's. */
const BACKDATED = HOUR;
/** What RFC 5280 leaves for a common name, in characters. */
const LONGEST_NAME = 64;

const newKeyPair = () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' });

/** 126 random bits: positive, and never zero. */
const newSerial = (): Buffer => {
  const serial = randomBytes(16);
  serial.writeUInt8((serial.readUInt8(0) & 0x3f) | 0x40, 0);
  return serial;
};

const printable = (name: string): string => name.replace(/[^\p{L}\p{N}\p{P} ]/gu, '?');

/**
 * A certificate authority for the hosts of one proxy, made anew at each start. Its key is in the memory of this process
 * and nowhere else. Even in other hands it would certify only `hosts` and names below them, since its certificate says so.
 *
 * Keys are EC P-256. Certificates of hosts are cached by host, and replaced after half of their life.
 */
export const makeCertificateAuthority = (options: CertificateAuthorityOptions): CertificateAuthority => {
  const hosts = new Set(options.hosts);
  const authority = newKeyPair();
  const identifier = keyIdentifier(authority.publicKey);
  // Two proxies of one sandbox, one after the other, have CAs that can be told apart in a list.
  const suffix = ` ${identifier.toString('hex').slice(0, 8)}`;
  const issuer = `${[...printable(`km egress proxy ${options.name}`)].slice(0, LONGEST_NAME - suffix.length).join('')}${suffix}`;
  const expiresAt = options.now + AUTHORITY_DAYS * DAY;
  const certificatePem = writeCertificate({
    serial: newSerial(),
    issuer,
    subject: issuer,
    notBefore: options.now - BACKDATED,
    notAfter: expiresAt,
    publicKey: authority.publicKey,
    extensions: [
      extensions.authority(),
      extensions.signsCertificates(),
      extensions.serverOnly(),
      extensions.permitsOnly([...hosts]),
      extensions.subjectKey(identifier),
      extensions.issuerKey(identifier),
    ],
    signedBy: authority.privateKey,
  });

  const certify = (host: string, now: number): ServerCertificate => {
    const server = newKeyPair();
    const notAfter = Math.min(now + SERVER_DAYS * DAY, expiresAt);
    const cert = writeCertificate({
      serial: newSerial(),
      issuer,
      // The name counts in the extension alone; a common name has room for 64 characters only.
      subject: 'km egress proxy',
      notBefore: now - BACKDATED,
      notAfter,
      publicKey: server.publicKey,
      extensions: [
        extensions.notAuthority(),
        extensions.signsHandshakes(),
        extensions.serverOnly(),
        extensions.forHost(host),
        extensions.subjectKey(keyIdentifier(server.publicKey)),
        extensions.issuerKey(identifier),
      ],
      signedBy: authority.privateKey,
    });
    const key = server.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    return { key, cert, expiresAt: notAfter };
  };

  const issued = new Map<string, { readonly until: number; readonly certificate: ServerCertificate }>();
  return {
    certificatePem,
    expiresAt,
    issue: (host, now) => {
      if (!hosts.has(host)) {
        throw new KmError(
          'ErrInternal',
          `the proxy's certificate authority is not for ${JSON.stringify(host)}`,
        );
      }
      const known = issued.get(host);
      if (known && now < known.until) return known.certificate;
      const certificate = certify(host, now);
      issued.set(host, { until: now + (SERVER_DAYS / 2) * DAY, certificate });
      return certificate;
    },
  };
};
