import { KmError } from '../errors.ts';
import { createGitHubApp } from '../github/app.ts';
import type { AppSigner } from '../github/app-signer.ts';
import { notConfigured } from '../github/errors.ts';
import { gitHubHost } from '../github/hosts.ts';
import { type AskedApp, askAboutApp } from './ask-about-app.ts';
import type { Broker } from './broker.ts';
import { inspectKey } from './inspect-key.ts';
import { inspectRateLimits } from './inspect-rate-limits.ts';
import type { InspectAnswer, InspectEvent, InspectionProblem } from './inspection.ts';
import { onlyOnce, problemOf } from './inspection-problem.ts';
import { readAppConfig, type StoredApp } from './read-app-config.ts';
import { type AppKeyPlace, appKeyPlace } from './signing-keys.ts';
import { watchClock } from './watch-clock.ts';

/** Longest time for all of GitHub's answers: an operator waits for it. */
const PATIENCE_MS = 20_000;

const DEFAULT_HOST = 'github.com';
const CANDIDATE = 'The candidate for the private key of the GitHub App';

type FromGitHub = Pick<InspectAnswer, 'app' | 'installations' | 'jwt' | 'clock_skew_ms' | 'rate_limit'> & {
  readonly problems: readonly InspectionProblem[];
};

const askGitHub = async (
  broker: Broker,
  event: InspectEvent,
  stored: StoredApp,
  { clientId, signer, deadline }: { clientId: string; signer: AppSigner; deadline: number },
): Promise<FromGitHub> => {
  const clock = watchClock(broker.world);
  let asked: AskedApp;
  let limits: Awaited<ReturnType<typeof inspectRateLimits>> | undefined;
  try {
    const { apiUrl } = gitHubHost({
      ...(stored.host === undefined ? {} : { host: stored.host }),
      ...(broker.apiUrl === undefined ? {} : { apiUrl: broker.apiUrl }),
    });
    const app = createGitHubApp({ clientId, signer, transport: { ...clock.world, apiUrl } });
    asked = await askAboutApp(app, { deadline });
    if (event.rate_limit) {
      limits = await inspectRateLimits(broker, app, {
        installations: asked.installations,
        stored: new Set(stored.installations.map(({ id }) => id)),
        deadline,
      });
    }
  } catch (thrown) {
    return { problems: [problemOf(thrown)] };
  }
  const skew = clock.skewMs();
  return {
    ...asked.answer,
    ...(skew === undefined ? {} : { clock_skew_ms: skew }),
    ...(limits === undefined ? {} : { rate_limit: limits.limits }),
    problems: [...asked.problems, ...(limits?.problems ?? [])],
  };
};

/** What the parameters say of the signer, where it is not what the function does. */
const contradictions = (broker: Broker, place: AppKeyPlace, stored: StoredApp): InspectionProblem[] => {
  const { names } = broker;
  if (place.signer === 'kms' || stored.signingKey === undefined) return [];
  return [
    problemOf(
      new KmError(
        'ErrAppConfigInvalid',
        `${names.signingKey} names a key in KMS, but the platform stack ${names.platformStack} signs with ${names.privateKey} (its parameter Signer is 'parameter')`,
        { remedy: 'Run km configure github --signer again, for the signer that is meant.' },
      ),
    ),
  ];
};

/**
 * Reads all that is stored about the App, past every cache, and asks GitHub what it makes of it. Whatever cannot be
 * found out is absent, and says why in `problems`; it never throws, and answers within 20 s and the deadline.
 *
 * IAM: `ssm:GetParameters` and `ssm:GetParametersByPath` on the config path; `kms:Decrypt` for the key, or `kms:Sign`
 * and `kms:GetPublicKey`.
 */
export const inspectApp = async (
  broker: Broker,
  event: InspectEvent,
  options: { readonly deadline: number },
): Promise<InspectAnswer> => {
  const deadline = Math.min(options.deadline, broker.now() + PATIENCE_MS);
  const place = appKeyPlace({ ...broker, candidate: event.candidate ?? false });
  const stored = await readAppConfig(broker, place);
  const { clientId, missing, legacyInstallation, slug, signingKey } = stored;
  const inspected = inspectKey(stored, place, event.candidate ? CANDIDATE : undefined);
  const { signer } = inspected;
  const [key, fromGitHub] = await Promise.all([
    inspected.key,
    clientId !== undefined && signer !== undefined && !stored.hostUnknown
      ? askGitHub(broker, event, stored, { clientId, signer, deadline })
      : { problems: [] },
  ]);
  const { problems, ...answered } = fromGitHub;
  return {
    configured: clientId !== undefined && (place.signer === 'kms' || stored.privateKey !== undefined),
    missing,
    host: stored.hostUnknown ? '' : (stored.host?.toLowerCase() ?? DEFAULT_HOST),
    signer: place.signer,
    ...(clientId === undefined ? {} : { client_id: clientId }),
    ...(key === undefined ? {} : { key }),
    ...answered,
    stored_installations: stored.installations,
    ...(legacyInstallation === undefined ? {} : { legacy_installation_id: legacyInstallation }),
    ...(slug === undefined ? {} : { app_slug: slug }),
    ...(signingKey === undefined ? {} : { signing_key: signingKey.arn }),
    problems: onlyOnce([
      ...(missing.length > 0 ? [problemOf(notConfigured(missing))] : []),
      ...stored.problems,
      ...contradictions(broker, place, stored),
      ...(key?.problem === undefined ? [] : [key.problem]),
      ...problems,
    ]),
  };
};
