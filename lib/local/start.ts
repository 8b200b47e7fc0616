import { resolve } from 'node:path';
import { type AdminOptions, answerAdmin, type Faults } from './admin.ts';
import { AwsError, type Caller, type Cloud } from './aws/cloud.ts';
import { AwsFaults } from './aws/faults.ts';
import { usersOf } from './aws/iam/records.ts';
import { createAwsServer, listen } from './aws/server.ts';
import { ACCOUNT_ID, REGION } from './aws/world.ts';
import type { LocalClock } from './clock.ts';
import { openEventLog } from './event-log.ts';
import { parseSeed } from './github/seed.ts';
import type { LocalGitHub } from './github/start.ts';
import { eraseRuns, openRun, type Run } from './run.ts';
import { type AccessKey, instanceOf, loadSettings, type Settings, saveSettings } from './settings.ts';

export type { AccessKey } from './settings.ts';

export interface LocalCloudOptions {
  /** Where everything is kept; made (mode 0700) when it is not there. */
  readonly stateDir: string;
  /** Accounts, repositories and App of the local GitHub, as read from YAML; used on the first start and after a reset. */
  readonly seed?: unknown;
  /** The AWS endpoint's port; absent: the port of the last start if it is free, else a free one. */
  readonly port?: number;
  readonly githubPort?: number;
  /** Gets every line of `cloud.log` as well. */
  readonly log?: (line: string) => void;
}

export interface LocalCloud {
  /** The AWS endpoint, `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly github: LocalGitHub;
  readonly clock: LocalClock;
  readonly accountId: string;
  readonly region: string;
  /** Bearer token of the `/_km/` routes. */
  readonly adminToken: string;
  /** May do anything: deploys the platform. */
  readonly admin: AccessKey;
  /** May do nothing until a policy is attached to it. */
  readonly operator: AccessKey;
  /** Settles once the cloud has stopped, by `close` or by `POST /_km/stop`. */
  readonly stopped: Promise<void>;
  /** Attaches a managed policy of the account to the operator, by its name, as the admin would. */
  attachOperatorPolicy(name: string): Promise<void>;
  close(): Promise<void>;
}

/** A stranger on the port may not answer at all. */
const LONGEST_ANSWER_MS = 2000;

/** Two local clouds over one directory would overwrite each other. */
const refuseSecond = async (stateDir: string, settings: Settings): Promise<void> => {
  if (settings.port === 0) return;
  const answer = await fetch(`http://127.0.0.1:${settings.port}/_km/clock`, {
    signal: AbortSignal.timeout(LONGEST_ANSWER_MS),
  }).catch(() => undefined);
  const clock = answer?.ok
    ? ((await answer.json().catch(() => ({}))) as { instance?: string; pid?: number })
    : {};
  if (clock.instance !== instanceOf(settings)) return;
  throw new Error(`A local cloud already runs in ${stateDir} (pid ${clock.pid})`);
};

/**
 * Starts a local cloud on loopback: the AWS endpoint and a GitHub, over one state directory. Several run side by side
 * with a directory each. Throws InvalidInputError for a seed that is not valid, and an Error when one already runs there.
 *
 * What it promises stands in docs/local-cloud.md.
 */
export const startLocalCloud = async (options: LocalCloudOptions): Promise<LocalCloud> => {
  const seed = options.seed === undefined ? undefined : parseSeed(options.seed);
  const stateDir = resolve(options.stateDir);
  const settings = loadSettings(stateDir);
  await refuseSecond(stateDir, settings);
  const log = openEventLog(stateDir, options.log);
  const faults: Faults = { aws: new AwsFaults(), github: seed?.faults ?? {} };
  const gone = Promise.withResolvers<void>();

  let url = '';
  let run: Run | undefined;
  const running = (): Run => {
    if (run) return run;
    throw new AwsError('ServiceUnavailable', 'The local cloud is starting', 503);
  };

  const begin = async (githubPort: number, githubApiPort = settings.githubApiPort): Promise<Run> => {
    run = await openRun({ stateDir, settings, seed, url, githubPort, githubApiPort, faults, log });
    await run.start();
    return run;
  };

  const end = async (): Promise<void> => {
    const ending = run;
    run = undefined;
    await ending?.end();
  };

  const server = createAwsServer({
    world: () => running().world,
    sessionKey: Buffer.from(settings.sessionKey, 'base64'),
    now: () => run?.clock.now() ?? Date.now(),
    admin: (request) => answerAdmin(admin, request),
  });

  const admin: AdminOptions = {
    adminToken: settings.adminToken,
    instance: instanceOf(settings),
    cloud: () => running().world.cloud,
    github: () => running().github,
    faults,
    log,
    status: () => statusOf(url, running()),
    async reset() {
      const { port, apiPort } = running().github;
      await end();
      eraseRuns(stateDir);
      faults.aws.set([]);
      faults.github = seed?.faults ?? {};
      await begin(port, apiPort);
      log.write('reset');
    },
    stop: () => setImmediate(() => void close().catch(() => undefined)),
  };

  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= (async () => {
      const shut = new Promise<void>((done) => server.close(() => done()));
      server.closeIdleConnections();
      try {
        await end();
      } finally {
        server.closeAllConnections();
        await shut;
        log.write('stopped');
        await log.close();
        gone.resolve();
      }
    })();
    return closing;
  };

  try {
    const port = await listen(server, options.port ?? settings.port);
    url = `http://127.0.0.1:${port}`;
    const { github } = await begin(options.githubPort ?? settings.githubPort);
    const api = github.apiPort === undefined ? {} : { githubApiPort: github.apiPort };
    saveSettings(stateDir, { ...settings, port, githubPort: github.port, ...api });
    log.write('started', { url, github: github.url });
  } catch (error) {
    await close();
    throw error;
  }

  return {
    url,
    get github() {
      return running().github;
    },
    get clock() {
      return running().clock;
    },
    accountId: ACCOUNT_ID,
    region: REGION,
    adminToken: settings.adminToken,
    admin: settings.admin,
    operator: settings.operator,
    stopped: gone.promise,
    attachOperatorPolicy: (name) => attachOperatorPolicy(running().world.cloud, name),
    close,
  };
};

const statusOf = (url: string, { world, clock, github }: Run): object => ({
  url,
  github_url: github.url,
  github_api_url: github.apiUrl,
  account_id: ACCOUNT_ID,
  region: REGION,
  now: new Date(clock.now()).toISOString(),
  offset_ms: clock.offsetMs,
  pid: process.pid,
  services: [...world.services.keys()],
});

const attachOperatorPolicy = async (cloud: Cloud, name: string): Promise<void> => {
  const admin = `arn:aws:iam::${ACCOUNT_ID}:user/admin`;
  const userId = usersOf(cloud).get('admin')?.id ?? '';
  const caller: Caller = { kind: 'user', arn: admin, principalArn: admin, userId };
  const PolicyArn = `arn:aws:iam::${ACCOUNT_ID}:policy/${name}`;
  await cloud.call('iam', 'AttachUserPolicy', { UserName: 'operator', PolicyArn }, caller);
};
