import {
  constants,
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  privateEncrypt,
  publicDecrypt,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto';
import { AwsError, type Call } from '../cloud.ts';
import { type Operation, optionalText, text } from '../operations.ts';
import { mustBeUsable, mustHaveUsage } from './key-checks.ts';
import { traitsOf } from './key-metadata.ts';
import { SIGNING_ALGORITHMS } from './key-spec.ts';
import type { KeyRecord, Keys } from './keys.ts';

const MAX_MESSAGE = 4096;

/** The DER of DigestInfo before the digest itself: RFC 8017, section 9.2. */
const DIGEST_INFO: Readonly<Record<string, string>> = {
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
};

interface Request {
  readonly algorithm: string;
  readonly hash: string;
  readonly isDigest: boolean;
  readonly message: Buffer;
}

const requestOf = (call: Call): Request => {
  const algorithm = text(call, 'SigningAlgorithm');
  const type = optionalText(call, 'MessageType', { oneOf: ['RAW', 'DIGEST'] }) ?? 'RAW';
  const message = Buffer.from(text(call, 'Message', { min: 1 }), 'base64');
  const hash = algorithm.replace(/^.*_(SHA)_/, '$1').toLowerCase();
  return { algorithm, hash, isDigest: type === 'DIGEST', message };
};

/** After the key was found and the caller may: what is asked must suit the key. */
const checkRequest = (key: KeyRecord, { algorithm, hash, isDigest, message }: Request): void => {
  const refuse = (code: string, text: string) => new AwsError(code, text);
  if (!SIGNING_ALGORITHMS.includes(algorithm))
    throw refuse(
      'InvalidKeyUsageException',
      `Algorithm ${algorithm} is incompatible with key spec ${key.spec}.`,
    );
  if (!isDigest && message.length > MAX_MESSAGE)
    throw refuse(
      'ValidationException',
      `1 validation error detected: 'message' must have at most ${MAX_MESSAGE} bytes`,
    );
  if (!isDigest) return;
  if (message.length !== createHash(hash).digest().length)
    throw refuse('ValidationException', `Digest is invalid length for algorithm ${algorithm}.`);
  if (algorithm.startsWith('RSASSA_PSS'))
    throw new AwsError('NotImplemented', 'The local cloud does not implement digests of RSASSA_PSS', 501);
};

const optionsOf = (key: KeyObject, { algorithm }: Request) =>
  algorithm.startsWith('RSASSA_PSS')
    ? { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
    : { key, padding: constants.RSA_PKCS1_PADDING };

const digestInfo = ({ hash, message }: Request): Buffer =>
  Buffer.concat([Buffer.from(DIGEST_INFO[hash] ?? '', 'hex'), message]);

const signatureOf = (key: KeyObject, request: Request): Buffer =>
  request.isDigest
    ? privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, digestInfo(request))
    : sign(request.hash, request.message, optionsOf(key, request));

const isSignature = (key: KeyObject, request: Request, signature: Buffer): boolean => {
  if (!request.isDigest) return verify(request.hash, request.message, optionsOf(key, request), signature);
  try {
    const signed = publicDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, signature);
    const wanted = digestInfo(request);
    return signed.length === wanted.length && timingSafeEqual(signed, wanted);
  } catch {
    return false;
  }
};

const privateKeyOf = ({ material = '' }: KeyRecord): KeyObject =>
  createPrivateKey({ key: Buffer.from(material, 'base64'), format: 'der', type: 'pkcs8' });

/** Sign, Verify and GetPublicKey, with RSA keys. */
export const signingOperations = (keys: Keys): Record<string, Operation> => {
  const prepare = (call: Call): { key: KeyRecord; request: Request } => {
    const key = keys.find(text(call, 'KeyId'), true);
    const request = requestOf(call);
    keys.authorize(call, key, call.operation, {
      'kms:SigningAlgorithm': request.algorithm,
      'kms:MessageType': request.isDigest ? 'DIGEST' : 'RAW',
    });
    mustBeUsable(key);
    mustHaveUsage(key, 'SIGN_VERIFY', call.operation);
    checkRequest(key, request);
    return { key, request };
  };

  return {
    Sign(call) {
      const { key, request } = prepare(call);
      return {
        KeyId: key.arn,
        Signature: signatureOf(privateKeyOf(key), request).toString('base64'),
        SigningAlgorithm: request.algorithm,
      };
    },
    Verify(call) {
      const signature = Buffer.from(text(call, 'Signature', { min: 1 }), 'base64');
      const { key, request } = prepare(call);
      if (!isSignature(createPublicKey(privateKeyOf(key)), request, signature))
        throw new AwsError('KMSInvalidSignatureException', '');
      return { KeyId: key.arn, SignatureValid: true, SigningAlgorithm: request.algorithm };
    },
    GetPublicKey(call) {
      const key = keys.find(text(call, 'KeyId'), true);
      keys.authorize(call, key, 'GetPublicKey');
      if (!key.spec)
        throw new AwsError(
          'UnsupportedOperationException',
          `${key.arn} key spec is SYMMETRIC_DEFAULT which is not valid for GetPublicKey.`,
        );
      mustBeUsable(key);
      const { KeySpec, KeyUsage } = traitsOf(key);
      const PublicKey = createPublicKey(privateKeyOf(key)).export({ format: 'der', type: 'spki' });
      return {
        KeyId: key.arn,
        PublicKey: PublicKey.toString('base64'),
        CustomerMasterKeySpec: KeySpec,
        KeySpec,
        KeyUsage,
        SigningAlgorithms: SIGNING_ALGORITHMS,
      };
    },
  };
};
