import { KmError } from '../errors.ts';
import { storedInstallationId } from './app-source.ts';
import type { Broker } from './broker.ts';
import type { InspectionProblem, StoredInstallation } from './inspection.ts';
import { problemOf } from './inspection-problem.ts';
import type { StoredParameter } from './parameter-store.ts';
import { type AppKeyPlace, neededParameters } from './signing-keys.ts';

/** Everything that is stored about the App, as far as it could be read. */
export interface StoredApp {
  readonly clientId: string | undefined;
  /** What is stored, if it has the form of a host; `undefined` where none is. */
  readonly host: string | undefined;
  /** It could not be read, or what is stored cannot be a host. */
  readonly hostUnknown: boolean;
  readonly slug: string | undefined;
  readonly legacyInstallation: number | undefined;
  /** The PEM; with signer `kms` there is none. */
  readonly privateKey: StoredParameter | undefined;
  /** The ARN of the key in KMS. */
  readonly signingKey: { readonly arn: string; readonly lastModified: number } | undefined;
  readonly installations: readonly StoredInstallation[];
  /** Names of the needed parameters that are absent or empty. */
  readonly missing: readonly string[];
  /** Why the private key could not be read, though it may be there. */
  readonly keyProblem: InspectionProblem | undefined;
  readonly problems: readonly InspectionProblem[];
}

type Settled<T> = { readonly value: T } | { readonly problem: InspectionProblem };

const settled = <T>(work: Promise<T>): Promise<Settled<T>> =>
  work.then(
    (value) => ({ value }),
    (thrown: unknown) => ({ problem: problemOf(thrown) }),
  );

const NOTHING: ReadonlyMap<string, never> = new Map<string, never>();

/** A text that is stored, once it is known to be no more than it should be: an answer shows it. */
const FORMS = {
  clientId: { form: /^[A-Za-z0-9._-]{1,100}$/, what: 'the client id of an App' },
  host: { form: /^[A-Za-z0-9.:-]{1,255}$/, what: 'a host' },
  slug: { form: /^[A-Za-z0-9_-]{1,100}$/, what: 'the slug of an App' },
  signingKey: { form: /^arn:[A-Za-z0-9:/_-]{1,255}$/, what: 'the ARN of a key in KMS' },
} as const;

const AN_ID = 'an installation id';

const unfit = (name: string, what: string): InspectionProblem =>
  problemOf(
    new KmError('ErrAppConfigInvalid', `${name} does not hold ${what}`, {
      remedy: `Store it again with km configure github${what === AN_ID ? ' --discover' : ''} --force.`,
    }),
  );

/**
 * Reads what is stored about the App, past every cache. The key is read apart from the rest, so that a key which
 * cannot be decrypted hides nothing else. Never throws.
 *
 * IAM: `ssm:GetParameters` and `ssm:GetParametersByPath` on the config path, `kms:Decrypt` for the private key.
 */
export const readAppConfig = async (broker: Broker, place: AppKeyPlace): Promise<StoredApp> => {
  const { names, store } = broker;
  const plain = [names.appClientId, names.host, names.legacyInstallationId, names.signingKey, names.appSlug];
  const [texts, key, below] = await Promise.all([
    settled(store.readStored(plain)),
    settled(place.signer === 'kms' ? Promise.resolve(NOTHING) : store.readStored([place.parameter])),
    settled(store.readBelow(names.installationsPath)),
  ]);
  const stored = 'value' in texts ? texts.value : NOTHING;
  const problems = [texts, key, below].flatMap((part) => ('problem' in part ? [part.problem] : []));
  const isStored = (name: string) => (stored.get(name)?.value.reveal().trim() ?? '') !== '';
  const text = (name: string, { form, what }: (typeof FORMS)[keyof typeof FORMS]): string | undefined => {
    const value = stored.get(name)?.value.reveal().trim() || undefined;
    if (value === undefined || form.test(value)) return value;
    problems.push(unfit(name, what));
    return undefined;
  };
  const id = (name: string, value: string | undefined): number | undefined => {
    const read = storedInstallationId(value);
    if (value !== undefined && read === undefined) problems.push(unfit(name, AN_ID));
    return read;
  };
  const privateKey =
    place.signer === 'parameter' && 'value' in key ? key.value.get(place.parameter) : undefined;
  const hasKey = privateKey !== undefined && privateKey.value.reveal().trim() !== '';

  const isMissing = (name: string): boolean =>
    name === names.appClientId ? 'value' in texts && !isStored(name) : 'value' in key && !hasKey;
  const arn = text(names.signingKey, FORMS.signingKey);
  const host = text(names.host, FORMS.host);
  return {
    clientId: text(names.appClientId, FORMS.clientId),
    host,
    hostUnknown: 'problem' in texts || (host === undefined && isStored(names.host)),
    slug: text(names.appSlug, FORMS.slug),
    legacyInstallation: id(
      names.legacyInstallationId,
      stored.get(names.legacyInstallationId)?.value.reveal(),
    ),
    privateKey: hasKey ? privateKey : undefined,
    signingKey:
      arn === undefined ? undefined : { arn, lastModified: stored.get(names.signingKey)?.lastModified ?? 0 },
    installations: [...('value' in below ? below.value : NOTHING)].flatMap(([name, value]) => {
      const read = id(name, value);
      return read === undefined ? [] : [{ owner: name.slice(names.installationsPath.length + 1), id: read }];
    }),
    missing: neededParameters(names, place).filter(isMissing),
    keyProblem: 'problem' in key ? key.problem : undefined,
    problems,
  };
};
