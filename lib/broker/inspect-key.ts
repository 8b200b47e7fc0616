import { createPublicKey, type KeyObject } from 'node:crypto';
import { mustBeAppKey, parsePrivateKey } from '../github/app-key.ts';
import { type AppSigner, pemSigner } from '../github/app-signer.ts';
import { keyFingerprint } from '../github/key-fingerprint.ts';
import type { InspectedKey } from './inspection.ts';
import { problemOf } from './inspection-problem.ts';
import type { StoredApp } from './read-app-config.ts';
import type { AppKeyPlace } from './signing-keys.ts';

export interface KeyInspection {
  /** Absent when nothing can be signed. */
  readonly signer?: AppSigner;
  /** Answers `undefined` when there is no key. Never rejects. */
  readonly key: Promise<InspectedKey | undefined>;
}

const storedAt = (ms: number | undefined): { stored_at?: string } =>
  ms === undefined || ms === 0 ? {} : { stored_at: new Date(ms).toISOString() };

/** What a key is, and whether it can sign for an App. */
const describe = (key: KeyObject, which: string | undefined): InspectedKey => {
  const bits = key.asymmetricKeyDetails?.modulusLength;
  const facts = {
    ...(key.asymmetricKeyType === undefined ? {} : { type: key.asymmetricKeyType }),
    ...(bits === undefined ? {} : { bits }),
    fingerprint: keyFingerprint(key),
  };
  try {
    mustBeAppKey(key, which);
    return { ok: true, ...facts };
  } catch (thrown) {
    return { ok: false, problem: problemOf(thrown), ...facts };
  }
};

const inspectStoredKey = (stored: StoredApp, which: string | undefined): KeyInspection => {
  const { privateKey, keyProblem } = stored;
  if (keyProblem !== undefined) return { key: Promise.resolve({ ok: false, problem: keyProblem }) };
  if (privateKey === undefined) return { key: Promise.resolve(undefined) };
  const when = storedAt(privateKey.lastModified);
  try {
    const key = { ...describe(parsePrivateKey(privateKey.value, which), which), ...when };
    return { ...(key.ok ? { signer: pemSigner(privateKey.value) } : {}), key: Promise.resolve(key) };
  } catch (thrown) {
    return { key: Promise.resolve({ ok: false, problem: problemOf(thrown), ...when }) };
  }
};

const inspectKmsKey = (
  stored: StoredApp,
  { alias, keys }: AppKeyPlace & { readonly signer: 'kms' },
): KeyInspection => {
  const key = keys.details(alias).then(
    ({ arn, publicKey }): InspectedKey => ({
      ...describe(
        createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' }),
        `The signing key ${alias}`,
      ),
      ...storedAt(stored.signingKey?.arn === arn ? stored.signingKey.lastModified : undefined),
      kms_key_id: arn,
    }),
  );
  return {
    signer: keys.signer(alias),
    key: key.catch((thrown: unknown) => ({ ok: false, problem: problemOf(thrown) })),
  };
};

/**
 * Looks at the App's key where it is, without asking GitHub: what it is, whether it can sign, since when it is stored.
 * A key in KMS is looked at while it already signs. Never throws.
 *
 * @param which The key's name for the message, when it is not the current one.
 */
export const inspectKey = (
  stored: StoredApp,
  place: AppKeyPlace,
  which: string | undefined,
): KeyInspection => (place.signer === 'kms' ? inspectKmsKey(stored, place) : inspectStoredKey(stored, which));
