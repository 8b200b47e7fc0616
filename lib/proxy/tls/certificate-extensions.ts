import { der } from './der.ts';

const SERVER_AUTH = der.oid('1.3.6.1.5.5.7.3.1');

/** Context tags of a GeneralName. */
const DNS_NAME = 2;
const IP_ADDRESS = 7;

const extension = (oid: string, isCritical: boolean, content: Buffer): Buffer =>
  der.sequence(der.oid(oid), ...(isCritical ? [der.boolean(true)] : []), der.octetString(content));

const dnsName = (host: string): Buffer => der.implicit(DNS_NAME, Buffer.from(host, 'latin1'));

/**
 * The extensions of km's certificates.
 *
 * {@link https://www.rfc-editor.org/rfc/rfc5280#section-4.2}
 */
export const extensions = {
  /** A CA whose certificates sign no further ones. */
  authority: (): Buffer =>
    extension('2.5.29.19', true, der.sequence(der.boolean(true), der.integer(Buffer.of(0)))),

  notAuthority: (): Buffer => extension('2.5.29.19', true, der.sequence()),

  /** keyCertSign (bit 5). */
  signsCertificates: (): Buffer => extension('2.5.29.15', true, der.bitString(Buffer.of(0x04), 2)),

  /** digitalSignature (bit 0). */
  signsHandshakes: (): Buffer => extension('2.5.29.15', true, der.bitString(Buffer.of(0x80), 7)),

  serverOnly: (): Buffer => extension('2.5.29.37', false, der.sequence(SERVER_AUTH)),

  /**
   * Names that the CA may certify: these and, as X.509 has it, those below them; and no IP address.
   * None at all: a name that is nobody's, since an empty list would leave every name.
   *
   * Not critical: mbedTLS, which libgit2 is built on in Debian, refuses a certificate with a critical extension that it
   * does not know; those that know this one hold to it either way.
   */
  permitsOnly: (hosts: readonly string[]): Buffer => {
    const permitted = (hosts.length > 0 ? hosts : ['nothing.invalid']).map((host) =>
      der.sequence(dnsName(host)),
    );
    // A subtree of addresses is an address and a mask; masks of zero take in every address.
    const excluded = [8, 32].map((size) => der.sequence(der.implicit(IP_ADDRESS, Buffer.alloc(size))));
    return extension(
      '2.5.29.30',
      false,
      der.sequence(der.explicit(0, ...permitted), der.explicit(1, ...excluded)),
    );
  },

  forHost: (host: string): Buffer => extension('2.5.29.17', false, der.sequence(dnsName(host))),

  subjectKey: (identifier: Buffer): Buffer => extension('2.5.29.14', false, der.octetString(identifier)),

  issuerKey: (identifier: Buffer): Buffer =>
    extension('2.5.29.35', false, der.sequence(der.implicit(0, identifier))),
} as const;
