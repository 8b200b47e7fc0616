import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** Name and value pairs that a ciphertext is bound to. */
export type EncryptionContext = Readonly<Record<string, string>>;

const VERSION = 1;
const ID_BYTES = 16;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + ID_BYTES;

const keyIdBytes = (keyId: string): Buffer => Buffer.from(keyId.replaceAll('-', ''), 'hex');

/** Every name and value with its length before it, in order of the names: no two contexts give the same bytes. */
const additionalData = (header: Buffer, context: EncryptionContext): Buffer => {
  const parts: Buffer[] = [header];
  for (const name of Object.keys(context).sort()) {
    for (const text of [name, context[name] ?? '']) {
      const bytes = Buffer.from(text, 'utf8');
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      parts.push(length, bytes);
    }
  }
  return Buffer.concat(parts);
};

/** Encrypts under 256-bit key material: AES-256-GCM, bound to the key's id and the encryption context. */
export const sealUnder = (
  key: { readonly id: string; readonly material: string },
  plaintext: Buffer,
  context: EncryptionContext,
): Buffer => {
  const header = Buffer.concat([Buffer.from([VERSION]), keyIdBytes(key.id)]);
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(key.material, 'base64'), iv);
  cipher.setAAD(additionalData(header, context));
  const sealed = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([header, iv, cipher.getAuthTag(), sealed]);
};

/** The id of the key that a ciphertext was made under; undefined for bytes that no key made. */
export const keyIdOf = (blob: Buffer): string | undefined => {
  if (blob.length < HEADER_BYTES + IV_BYTES + TAG_BYTES || blob[0] !== VERSION) return undefined;
  const hex = blob.subarray(1, HEADER_BYTES).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
};

/** Decrypts, or answers undefined when ciphertext, key or context is not the one it was sealed with. */
export const openUnder = (
  key: { readonly material: string },
  blob: Buffer,
  context: EncryptionContext,
): Buffer | undefined => {
  const iv = blob.subarray(HEADER_BYTES, HEADER_BYTES + IV_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', Buffer.from(key.material, 'base64'), iv, {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(additionalData(blob.subarray(0, HEADER_BYTES), context));
  decipher.setAuthTag(blob.subarray(HEADER_BYTES + IV_BYTES, HEADER_BYTES + IV_BYTES + TAG_BYTES));
  try {
    return Buffer.concat([
      decipher.update(blob.subarray(HEADER_BYTES + IV_BYTES + TAG_BYTES)),
      decipher.final(),
    ]);
  } catch {
    return undefined;
  }
};
