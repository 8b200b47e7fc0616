import { createHash, type KeyObject, sign } from 'node:crypto';
import { der } from './der.ts';

export interface CertificateOptions {
  /** Big-endian, not zero, at most 20 bytes. */
  readonly serial: Uint8Array;
  /** Common name of who signs. */
  readonly issuer: string;
  /** Common name of whom it is for. */
  readonly subject: string;
  /** Milliseconds since 1970, told to the second. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** EC P-256. */
  readonly publicKey: KeyObject;
  readonly extensions: readonly Buffer[];
  /** EC P-256, the issuer's. */
  readonly signedBy: KeyObject;
}

const ECDSA_WITH_SHA256 = der.sequence(der.oid('1.2.840.10045.4.3.2'));
const VERSION_3 = der.explicit(0, der.integer(Buffer.of(2)));
const COMMON_NAME = der.oid('2.5.4.3');

const nameOf = (commonName: string): Buffer =>
  der.sequence(der.setOf(der.sequence(COMMON_NAME, der.utf8String(commonName))));

const spkiOf = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });

const pem = (certificate: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64').replace(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`;

/** The first 160 bits of the SHA-256 of a P-256 public key. {@link https://www.rfc-editor.org/rfc/rfc7093#section-2} */
export const keyIdentifier = (key: KeyObject): Buffer => {
  // An SPKI of this curve ends with the point in its uncompressed form: 0x04, x and y of 32 bytes.
  const point = spkiOf(key).subarray(-65);
  return createHash('sha256').update(point).digest().subarray(0, 20);
};

/**
 * An X.509 v3 certificate in PEM, signed with ECDSA and SHA-256.
 *
 * {@link https://www.rfc-editor.org/rfc/rfc5280#section-4.1}
 */
export const writeCertificate = (options: CertificateOptions): string => {
  const signed = der.sequence(
    VERSION_3,
    der.integer(options.serial),
    ECDSA_WITH_SHA256,
    nameOf(options.issuer),
    der.sequence(der.time(options.notBefore), der.time(options.notAfter)),
    nameOf(options.subject),
    spkiOf(options.publicKey),
    der.explicit(3, der.sequence(...options.extensions)),
  );
  const signature = sign('sha256', signed, { key: options.signedBy, dsaEncoding: 'der' });
  return pem(der.sequence(signed, ECDSA_WITH_SHA256, der.bitString(signature)));
};
