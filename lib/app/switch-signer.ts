import type { SandboxContext } from '../sandbox/context.ts';
import type { AppContext } from './app-context.ts';
import { putKey, putText, removeParameters } from './app-parameters.ts';
import { proveKey } from './prove-key.ts';
import {
  type ChangedKey,
  type ChangeKeyOptions,
  type CheckedKey,
  keyBefore,
  REFRESHER_KEEPS_MS,
  rotateKey,
} from './rotate-key.ts';
import {
  describeKey,
  importSigningKey,
  removeSigningKeys,
  retireSigningKey,
  useSigningKey,
} from './signing-key.ts';
import { updateSigner } from './update-signer.ts';

/** How long IAM and KMS may take to spread a change, in milliseconds. */
const PATIENCE_MS = 90_000;

/**
 * Moves the App's key into KMS, or puts a new one there: imports it, proves it as a candidate where the refresher signs
 * with KMS already, switches, and proves a mint. What was used before goes last, so that wherever it stops, it can be
 * run again with the same key.
 *
 * @throws {KmError} as {@link importSigningKey} and {@link updateSigner}, or what the refresher found wrong; then what
 * was used before is in use again.
 */
export async function signWithKms(
  context: AppContext,
  checked: CheckedKey,
  { key, dryRun, onStep }: ChangeKeyOptions,
): Promise<ChangedKey> {
  const { cloud } = context;
  const { names } = cloud;
  const { fingerprint } = key;
  const known = keyBefore(checked, key);
  const proof = { fingerprint, appId: checked.seen.app.id, signer: 'kms', patienceMs: PATIENCE_MS } as const;
  const changed = checked.signer !== 'kms' || checked.oldFingerprint !== fingerprint;
  if (dryRun || (!changed && !(await hasLeftovers(cloud, checked)))) return { ...known, changed };

  let undo = async (): Promise<void> => undefined;
  if (changed) {
    onStep?.('importing the key into KMS');
    const arn = await importSigningKey(cloud, key);
    if (checked.signer === 'kms') {
      onStep?.('proving the candidate');
      await proveKey(cloud, { ...proof, candidate: true });
      const before = await describeKey(cloud, names.signingKeyAlias);
      if (before?.Arn) undo = useSigningKey.bind(undefined, cloud, before.Arn);
    }
    onStep?.('switching to the new key');
    await useSigningKey(cloud, arn);
  }
  if (checked.signer !== 'kms') {
    onStep?.('updating the platform: the refresher signs with KMS, and may read no key any more');
    await updateSigner(cloud, 'kms');
    undo = updateSigner.bind(undefined, cloud, 'parameter');
  }
  onStep?.('proving a mint with the key in KMS');
  const { owner } = await provenOr(undo, () => proveKey(cloud, { ...proof, candidate: false }));

  onStep?.('removing what was used before');
  const arn = (await describeKey(cloud, names.signingKeyAlias))?.Arn ?? '';
  await retireSigningKey(cloud, { arn: checked.stored.signingKey }, arn);
  await putText(cloud, names.signingKey, arn);
  await removeParameters(cloud, [names.privateKey, names.privateKeyCandidate]);
  await retireSigningKey(cloud, { alias: names.signingKeyCandidateAlias }, arn);
  return { ...known, ...(await provenNow(cloud, owner)), changed };
}

/**
 * Moves back from KMS to a stored key, which must be given: nobody can take the one in KMS out. The key in KMS is
 * deleted in a week. Where the refresher signs with a stored key already, it is a rotation.
 *
 * @throws {KmError} as {@link signWithKms}.
 */
export async function signWithParameter(
  context: AppContext,
  checked: CheckedKey,
  options: ChangeKeyOptions,
): Promise<ChangedKey> {
  const { cloud } = context;
  const { names } = cloud;
  const { key, dryRun, onStep } = options;
  if (checked.signer === 'parameter') {
    const rotated = await rotateKey(context, checked, options);
    if (!dryRun) await removeSigningKeys(cloud, checked.stored.signingKey);
    return rotated;
  }
  const known = keyBefore(checked, key);
  if (dryRun) return { ...known, changed: true };
  onStep?.('storing the key');
  await putKey(cloud, names.privateKey, key.pem);
  onStep?.('updating the platform: the refresher signs with the stored key');
  await updateSigner(cloud, 'parameter');
  onStep?.('proving a mint with the stored key');
  const { owner } = await provenOr(
    () => updateSigner(cloud, 'kms'),
    () =>
      proveKey(cloud, {
        fingerprint: key.fingerprint,
        appId: checked.seen.app.id,
        signer: 'parameter',
        candidate: false,
        patienceMs: PATIENCE_MS,
      }),
  );
  onStep?.('removing what was used before');
  await removeSigningKeys(cloud, checked.stored.signingKey);
  return { ...known, ...(await provenNow(cloud, owner)), changed: true };
}

/** Whether an interrupted switch to KMS, or a rotation there, has left something to remove. */
async function hasLeftovers(cloud: SandboxContext, { stored }: CheckedKey): Promise<boolean> {
  if (stored.privateKey !== undefined || stored.candidate !== undefined) return true;
  const [inUse, candidate] = await Promise.all([
    describeKey(cloud, cloud.names.signingKeyAlias),
    describeKey(cloud, cloud.names.signingKeyCandidateAlias),
  ]);
  return candidate !== undefined || inUse?.Arn !== stored.signingKey;
}

async function provenOr<T>(undo: () => Promise<void>, prove: () => Promise<T>): Promise<T> {
  try {
    return await prove();
  } catch (error) {
    // What is wrong with the key tells more than what then goes wrong with taking it back.
    await undo().catch(() => undefined);
    throw error;
  }
}

const provenNow = async (cloud: SandboxContext, owner: string | undefined) => ({
  oldKeyUnusedFrom: (await cloud.now()) + REFRESHER_KEEPS_MS,
  ...(owner === undefined ? {} : { provenFor: owner }),
});
