import {
  DeleteParametersCommand,
  GetParametersByPathCommand,
  type Parameter,
  PutParameterCommand,
  type PutParameterCommandInput,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { KmError } from '../errors.ts';
import type { SandboxContext } from '../sandbox/context.ts';
import { platformMissing } from '../sandbox/invoke-refresher.ts';
import type { Secret } from '../secret.ts';

/** A key that is stored where only the refresher can read it. */
export interface StoredKey {
  /** Milliseconds since the epoch. */
  readonly storedAt: number;
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
  /** Accounts as GitHub names them, each with its own installation. */
  readonly installations?: readonly { readonly account: string; readonly id: number }[];
}

export interface WriteAppConfigOptions {
  /** Puts other values in the place of those stored; default false. */
  readonly replace?: boolean;
  /** Told before each parameter is written or removed. */
  readonly onWrite?: (name: string) => void;
}

const MOST_NAMES_IN_A_CALL = 10;
const MOST_BYTES = 4096;
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
    return parameter && { storedAt: parameter.LastModifiedDate?.getTime() ?? 0 };
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
 * the client id of another App. Can be repeated wherever it stopped. Whoever calls it has checked all of it with GitHub.
 *
 * IAM: `ssm:PutParameter`, `ssm:DeleteParameters`, and `kms:Encrypt` for the key.
 *
 * @returns the names written or removed, in that order.
 * @throws {KmError} `ErrAppConfigExists` without `replace`, before anything is written; `ErrAppConfigWriteFailed`,
 * never with the key in it; `ErrPlatformMissing`.
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
  const { privateKey } = change;
  const clientId = texts.get(names.appClientId);
  const otherApp = privateKey !== undefined && clientId !== undefined && stored.clientId !== undefined;
  if (otherApp) await step(names.appClientId, () => removeParameters(context, [names.appClientId]));
  if (privateKey) {
    try {
      await step(names.privateKey, () => putKey(context, names.privateKey, privateKey));
    } catch (error) {
      if (otherApp && stored.clientId) await putText(context, names.appClientId, stored.clientId);
      throw error;
    }
  }
  if (change.host !== undefined && change.host !== (stored.host ?? GITHUB)) {
    const { host } = change;
    await step(names.host, () =>
      host === GITHUB ? removeParameters(context, [names.host]) : putText(context, names.host, host),
    );
  }
  for (const [name, value] of texts) await step(name, () => putText(context, name, value));
  return done;
}

/** Stores a private key under a name of its own, as the rotation does. Throws as {@link writeAppConfig}. */
export async function putKey(context: SandboxContext, name: string, key: Secret): Promise<void> {
  const value = key.reveal();
  if (Buffer.byteLength(value) > MOST_BYTES) {
    throw writeFailed(name, `it takes more than the ${MOST_BYTES} bytes that a standard parameter holds`);
  }
  const input = {
    Name: name,
    Value: value,
    Type: 'SecureString',
    KeyId: context.names.configKeyAlias,
  } as const;
  await put(context, input);
}

/** Removes parameters of the App, whether they are there or not. IAM: `ssm:DeleteParameters`. */
export async function removeParameters(
  context: SandboxContext,
  parameters: readonly string[],
): Promise<void> {
  for (let start = 0; start < parameters.length; start += MOST_NAMES_IN_A_CALL) {
    const Names = parameters.slice(start, start + MOST_NAMES_IN_A_CALL);
    await context.client(SSMClient).send(new DeleteParametersCommand({ Names }));
  }
}

/** Stores one text. Throws as {@link writeAppConfig}. */
export const putText = (context: SandboxContext, name: string, value: string): Promise<void> =>
  put(context, { Name: name, Value: value, Type: 'String' });

const GITHUB = 'github.com';

/** Parameter Store's validation errors quote the value, so that neither message nor cause is passed on. */
async function put(context: SandboxContext, input: PutParameterCommandInput): Promise<void> {
  await context
    .client(SSMClient)
    .send(new PutParameterCommand({ Tier: 'Standard', Overwrite: true, ...input }))
    .catch((error: unknown) => {
      const reason = error instanceof Error ? error.name : 'UnknownError';
      if (reason === 'InvalidKeyId') throw platformMissing(context);
      throw writeFailed(input.Name ?? '', reason);
    });
}

const writeFailed = (name: string, reason: string): KmError =>
  new KmError('ErrAppConfigWriteFailed', `${name} could not be written: ${reason}`, {
    remedy: 'Run the same command again: what is stored by now is kept, and it goes on from there.',
  });

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
