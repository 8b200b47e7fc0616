import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { PLATFORM_PREFIX, resourceNames } from '../broker/names.ts';
import { KmError } from '../errors.ts';
import type { AwsConfig, SandboxContext } from '../sandbox/context.ts';
import { useLocalCloud } from './local-environment.ts';

/** Everything that a command needs of the world outside: AWS, and where git remotes are. */
export interface Session {
  readonly context: SandboxContext;
  /** `km` or the prefix of another platform in this account. */
  readonly prefix: string;
}

const ATTEMPTS = 5;

export interface SessionRequest {
  /** The command's own options: `--local`, `--state`, `--prefix`. */
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  readonly env: NodeJS.ProcessEnv;
  /** In the local cloud, as the administrator: for commands that set the platform up. */
  readonly administrator: boolean;
}

/** Builds the session that a command asks for. */
export async function openSession({ options, env, administrator }: SessionRequest): Promise<Session> {
  if (options.local || options.state) {
    await useLocalCloud(env, { state: options.state?.toString(), administrator });
  }
  const prefix = (options.prefix ?? env.KM_PREFIX ?? 'km').toString();
  if (!PLATFORM_PREFIX.test(prefix)) {
    throw new KmError(
      'ErrUsage',
      `'${prefix}' is not a platform prefix: at most 16 of a-z, 0-9 and -, a letter first, without -sandbox or -github-token.`,
    );
  }
  const region = await findRegion(env);
  const config: AwsConfig = { region, maxAttempts: ATTEMPTS };
  const clients = new Map<unknown, unknown>();
  const context: SandboxContext = {
    names: resourceNames({ prefix }),
    region,
    client: <Client>(type: new (config: AwsConfig) => Client): Client => {
      const client = (clients.get(type) as Client | undefined) ?? new type(config);
      clients.set(type, client);
      return client;
    },
    now: cloudClock(env.AWS_ENDPOINT_URL),
    sleep: (ms, signal) => delay(ms, undefined, { ...(signal ? { signal } : {}) }).catch(() => undefined),
    randomBytes: (count) => randomBytes(count),
  };
  return { context, prefix };
}

async function findRegion(env: NodeJS.ProcessEnv): Promise<string> {
  const named = env.AWS_REGION ?? env.AWS_DEFAULT_REGION;
  if (named) return named;
  // The SDK also knows the profile's region.
  const { SSMClient } = await import('@aws-sdk/client-ssm');
  return new SSMClient({}).config.region();
}

const LOOPBACK = /^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/;

/** The machine's clock, or that of the local cloud, which can be moved: one request on loopback. */
export function cloudClock(endpoint: string | undefined): () => Promise<number> {
  if (endpoint === undefined || !LOOPBACK.test(endpoint.replace(/\/$/, ''))) return async () => Date.now();
  return async () => {
    const answer = await fetch(new URL('/_km/clock', endpoint)).catch(() => undefined);
    if (!answer?.ok) return Date.now();
    const { offset_ms } = (await answer.json()) as { offset_ms: number };
    return Date.now() + offset_ms;
  };
}
