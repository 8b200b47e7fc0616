import { GetParametersByPathCommand, type Parameter, SSMClient } from '@aws-sdk/client-ssm';
import { KmError } from '../errors.ts';
import type { SandboxContext } from '../sandbox/context.ts';
import type { Secret } from '../secret.ts';
import { putKey, putText, removeParameters } from './app-parameters.ts';
import { removeSigningKeys } from './signing-key.ts';
import { updateSigner } from './update-signer.ts';

/** A key that is stored where only the refresher can read it. */
export interface StoredKey {
  /** Milliseconds since the epoch. */
  readonly storedAt: number;
  /** Counts its writes. */
  readonly version: number;
}

/** What is stored about the App, without any secret. Absent is what is not stored. */
export interface AppConfig {
  readonly clientId?: string;
  readonly host?: string;
  readonly slug?: string;
  readonly privateKey?: StoredKey;
  readonly candidate?: StoredKey;
  /** ARN of the KMS key that signs as the App. */
  readonly signingKey?: string;
  /** Installation ids as stored, by lower-case account. */
  readonly installations: ReadonlyMap<string, string>;
  readonly legacyInstallationId?: string;
}

export interface AppConfigChange {
  /** PEM, as `readKeyFile` or GitHub's conversion of a manifest gives it. */
  readonly privateKey?: Secret;
  readonly clientId?: string;
  /** `github.com` is stored by removing the parameter. */
  readonly host?: string;
  readonly slug?: string;
  /** The refresher signs with the stored key: what is left of one in KMS goes. */
  readonly retireSigningKey?: boolean;
  /** Accounts as GitHub names them, each with its own installation. */
  readonly installations?: readonly { readonly account: string; readonly id: number }[];
}

export interface WriteAppConfigOptions {
  /** Puts other values in the place of those stored; default false. */
  readonly replace?: boolean;
  /** Told before each parameter is written or removed. */
  readonly onWrite?: (name: string) => void;
}

const GITHUB = 'github.com';
const LOGIN = /^[A-Za-z0-9_-]{1,100}$/;

/**
 * Reads what is stored about the App, as an administrator and without decrypting anything.
 *
 * IAM: `ssm:GetParametersByPath`. Throws what the SDK throws.
 */
export async function readAppConfig(context: SandboxContext): Promise<AppConfig> {
  const { names } = context;
  const stored = new Map<string, Parameter>();
  let NextToken: string | undefined;
  do {
    const page = await context.client(SSMClient).send(
      new GetParametersByPathCommand({
        Path: names.configPath,
        Recursive: true,
        WithDecryption: false,
        ...(NextToken === undefined ? {} : { NextToken }),
      }),
    );
    for (const parameter of page.Parameters ?? []) stored.set(parameter.Name ?? '', parameter);
    NextToken = page.NextToken;
  } while (NextToken);
  const text = (name: string) => stored.get(name)?.Value?.trim() || undefined;
  const key = (name: string): StoredKey | undefined => {
    const parameter = stored.get(name);
    return (
      parameter && {
        storedAt: parameter.LastModifiedDate?.getTime() ?? 0,
        version: parameter.Version ?? 0,
      }
    );
  };
  const below = `${names.installationsPath}/`;
  return withoutAbsent({
    clientId: text(names.appClientId),
    host: text(names.host),
    slug: text(names.appSlug),
    privateKey: key(names.privateKey),
    candidate: key(names.privateKeyCandidate),
    signingKey: text(names.signingKey),
    legacyInstallationId: text(names.legacyInstallationId),
    installations: new Map(
      [...stored.keys()]
        .filter((name) => name.startsWith(below))
        .map((name) => [name.slice(below.length), text(name) ?? '']),
    ),
  });
}

/**
 * Stores what is known about the App, each part only where it differs from what is stored: the key first, then the
 * host, then the client id, which makes the pair count, then the rest. Where another App takes the place of a stored
 * one, the old client id goes first and comes back if the new key cannot be written, so that no key ever stands beside
 * the client id of another App; and a refresher that signed with KMS signs with the stored key again. Can be repeated
 * wherever it stopped. Whoever calls it has checked all of it with GitHub.
 *
 * IAM: `ssm:GetParametersByPath`, `ssm:PutParameter`, `ssm:DeleteParameters`, and for a key `kms:Encrypt` and
 * `cloudformation:DescribeStacks`.
 *
 * @returns the names written or removed, in that order.
 * @throws {KmError} `ErrAppConfigExists` without `replace`, before anything is written; `ErrAppConfigWriteFailed`,
 * never with the key in it; `ErrPlatformMissing`, `ErrPlatformUpdateFailed`.
 */
export async function writeAppConfig(
  context: SandboxContext,
  change: AppConfigChange,
  options: WriteAppConfigOptions = {},
): Promise<readonly string[]> {
  const { names } = context;
  const stored = await readAppConfig(context);
  const texts = textsOf(context, change, stored);
  if (!options.replace) refuseOverwriting(context, change, stored, texts);
  const done: string[] = [];
  const step = async (name: string, work: () => Promise<unknown>) => {
    options.onWrite?.(name);
    await work();
    done.push(name);
  };
  const { privateKey, host } = change;
  if (privateKey) {
    const before = texts.has(names.appClientId) ? stored.clientId : undefined;
    if (before) await step(names.appClientId, () => removeParameters(context, [names.appClientId]));
    try {
      await step(names.privateKey, () => putKey(context, names.privateKey, privateKey));
    } catch (error) {
      if (before) await restoreClientId(context, before, stored).catch(() => undefined);
      throw error;
    }
    await updateSigner(context, 'parameter');
  }
  if (host !== undefined && host !== (stored.host ?? GITHUB)) {
    await step(names.host, () =>
      host === GITHUB ? removeParameters(context, [names.host]) : putText(context, names.host, host),
    );
  }
  for (const [name, value] of texts) await step(name, () => putText(context, name, value));
  if ((privateKey || change.retireSigningKey) && stored.signingKey)
    await step(names.signingKey, () => removeSigningKeys(context, stored.signingKey));
  return done;
}

/** Puts the old client id back, if the old key is there still: a write whose answer was lost has been done. */
async function restoreClientId(context: SandboxContext, clientId: string, before: AppConfig): Promise<void> {
  const { privateKey } = await readAppConfig(context);
  if (privateKey?.version !== before.privateKey?.version) return;
  await putText(context, context.names.appClientId, clientId);
}

/** The texts that differ from those stored, in the order of writing. */
function textsOf(context: SandboxContext, change: AppConfigChange, stored: AppConfig): Map<string, string> {
  const { names } = context;
  const texts = new Map<string, string>();
  if (change.clientId !== undefined && change.clientId !== stored.clientId)
    texts.set(names.appClientId, change.clientId);
  if (change.slug !== undefined && change.slug !== stored.slug) texts.set(names.appSlug, change.slug);
  for (const { account, id } of change.installations ?? []) {
    if (!LOGIN.test(account)) throw new KmError('ErrInternal', 'An account without a login was to be stored');
    if (stored.installations.get(account.toLowerCase()) !== String(id))
      texts.set(names.installation(account), String(id));
  }
  return texts;
}

/** Holds a change against what is stored, where nothing may be put in another's place. */
function refuseOverwriting(
  { names }: SandboxContext,
  change: AppConfigChange,
  stored: AppConfig,
  texts: ReadonlyMap<string, string>,
): void {
  const taken = [...texts.keys()].filter((name) => {
    if (name === names.appClientId) return stored.clientId !== undefined;
    if (name === names.appSlug) return false;
    return stored.installations.has(name.slice(names.installationsPath.length + 1));
  });
  if (change.privateKey && stored.privateKey) taken.unshift(names.privateKey);
  if (change.host !== undefined && stored.clientId !== undefined && change.host !== (stored.host ?? GITHUB))
    taken.push(names.host);
  if (taken.length === 0) return;
  throw new KmError('ErrAppConfigExists', `Another value is stored already: ${taken.join(', ')}`, {
    remedy: 'Add --force to put the new value in its place.',
  });
}

/** Leaves out what is undefined, as `exactOptionalPropertyTypes` wants it. */
const withoutAbsent = (values: { [name in keyof AppConfig]: AppConfig[name] | undefined }): AppConfig =>
  Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as unknown as AppConfig;
