import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { PolicyDocument } from './cloud.ts';

/** What a session token says of its session. Only the local cloud can read or make one. */
export interface Session {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly roleArn: string;
  readonly roleId: string;
  readonly sessionName: string;
  /** Milliseconds since the epoch, on the cloud's clock. */
  readonly expiration: number;
  readonly sessionPolicy?: PolicyDocument;
}

/** Seals a session into its token: AES-256-GCM under the local cloud's own key, so that no session needs storing. */
export const sealSession = (key: Buffer, session: Session): string => {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  const sealed = Buffer.concat([cipher.update(JSON.stringify(session), 'utf8'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64');
};

/** Opens a token, or answers undefined when it is not one of this local cloud's. */
export const openSession = (key: Buffer, token: string): Session | undefined => {
  const bytes = Buffer.from(token, 'base64');
  if (bytes.length < 29) return undefined;
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 });
    decipher.setAuthTag(bytes.subarray(12, 28));
    return JSON.parse(decipher.update(bytes.subarray(28), undefined, 'utf8') + decipher.final('utf8'));
  } catch {
    return undefined;
  }
};
