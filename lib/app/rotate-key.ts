import { KmError } from '../errors.ts';
import { type AppContext, gitHubPlaces } from './app-context.ts';
import { putKey, removeParameters } from './app-parameters.ts';
import { appSettingsUrl } from './app-settings-url.ts';
import { type AppConfig, readAppConfig } from './app-store.ts';
import { inspectApp } from './inspect-app.ts';
import { lookWithKey, type SeenApp } from './look-at-app.ts';
import { proveKey } from './prove-key.ts';
import type { GivenKey } from './read-key-file.ts';

export interface ChangeKeyOptions {
  readonly key: GivenKey;
  /** Checks and writes nothing. */
  readonly dryRun: boolean;
  /** Told before each step, for a person to read. */
  readonly onStep?: (step: string) => void;
}

/** What became of the App's key. */
export interface ChangedKey {
  readonly seen: SeenApp;
  readonly fingerprint: string;
  /** The key before; absent when it cannot be told. */
  readonly oldFingerprint?: string;
  /** False when it was this very key already. */
  readonly changed: boolean;
  /** The account that a token was minted for as a proof. */
  readonly provenFor?: string;
  /** From when on the old key can be deleted on GitHub, in milliseconds since the epoch. */
  readonly oldKeyUnusedFrom?: number;
  /** Where private keys are made and deleted on GitHub. */
  readonly settingsUrl: string;
}

/** The refresher keeps what it has read for five minutes, and a JWT of it for one. */
export const REFRESHER_KEEPS_MS = 6 * 60_000;

/**
 * Puts a new private key of the same App in the place of the stored one. The refresher proves it as a candidate first,
 * so that refreshes work before, during and after. Both keys are valid at GitHub until the old one is deleted there.
 * Wherever it stops, it can be run again with the same key.
 *
 * @throws {KmError} `ErrGitHubNotConfigured`, `ErrGitHubKeyOfAnotherApp`, or what the refresher found wrong; then the
 * old key is in place, unless only the last proof failed.
 */
export async function rotateKey(
  context: AppContext,
  checked: CheckedKey,
  { key, dryRun, onStep }: ChangeKeyOptions,
): Promise<ChangedKey> {
  const { cloud } = context;
  const { names } = cloud;
  const { fingerprint } = key;
  const proof = { fingerprint, appId: checked.seen.app.id };
  const known = keyBefore(checked, key);
  const changed = checked.oldFingerprint !== fingerprint;
  if (dryRun || (!changed && !checked.stored.candidate)) return { ...known, changed };

  if (changed) {
    onStep?.('storing the new key as a candidate');
    await putKey(cloud, names.privateKeyCandidate, key.pem);
    onStep?.('proving the candidate');
    await proveKey(cloud, { ...proof, candidate: true }).catch(async (error: unknown) => {
      // Where it cannot be removed either, the next rotation does.
      await removeParameters(cloud, [names.privateKeyCandidate]).catch(() => undefined);
      throw error;
    });
    onStep?.('switching to the new key');
    await putKey(cloud, names.privateKey, key.pem);
  }
  onStep?.('proving a mint with the new key');
  const { owner } = await proveKey(cloud, { ...proof, candidate: false });
  await removeParameters(cloud, [names.privateKeyCandidate]);
  return {
    ...known,
    changed,
    ...(owner === undefined ? {} : { provenFor: owner }),
    oldKeyUnusedFrom: (await cloud.now()) + REFRESHER_KEEPS_MS,
  };
}

/** What is known of a change before anything is changed. */
export const keyBefore = (
  { seen, settingsUrl, oldFingerprint }: CheckedKey,
  { fingerprint }: GivenKey,
): Pick<ChangedKey, 'seen' | 'fingerprint' | 'settingsUrl' | 'oldFingerprint'> => ({
  seen,
  fingerprint,
  settingsUrl,
  ...(oldFingerprint === undefined ? {} : { oldFingerprint }),
});

/** A key that GitHub takes for the stored App, beside what is in use. */
export interface CheckedKey {
  readonly seen: SeenApp;
  readonly stored: AppConfig;
  readonly signer: 'parameter' | 'kms';
  readonly settingsUrl: string;
  readonly oldFingerprint?: string;
}

/**
 * Asks GitHub whether a key is of the App that is stored.
 *
 * @throws {KmError} `ErrGitHubNotConfigured` when none is, `ErrGitHubKeyOfAnotherApp`.
 */
export async function checkNewKey(
  context: AppContext,
  { key, onStep }: Pick<ChangeKeyOptions, 'key' | 'onStep'>,
): Promise<CheckedKey> {
  const stored = await readAppConfig(context.cloud);
  const { clientId, host } = stored;
  if (clientId === undefined || (stored.privateKey === undefined && stored.signingKey === undefined)) {
    throw new KmError(
      'ErrGitHubNotConfigured',
      'GitHub App not configured: there is no key to take the place of',
      {
        remedy: 'km configure github --app-client-id ID --private-key-file PATH --account LOGIN',
      },
    );
  }
  onStep?.('checking the new key with GitHub');
  const [seen, inspection] = await Promise.all([
    lookWithKey(context, { clientId, key, host }),
    inspectApp(context.cloud),
  ]);
  const oldFingerprint = inspection.key?.fingerprint;
  return {
    seen,
    stored,
    signer: inspection.signer,
    settingsUrl: appSettingsUrl(gitHubPlaces(context, seen.host).webUrl, seen.app),
    ...(oldFingerprint === undefined ? {} : { oldFingerprint }),
  };
}
