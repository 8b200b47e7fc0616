import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { answerAdmin, type Faults } from './admin.ts';
import type { Caller } from './aws/cloud.ts';
import { AwsFaults } from './aws/faults.ts';
import { usersOf } from './aws/iam/records.ts';
import { createAwsServer, listen } from './aws/server.ts';
import { openState } from './aws/state.ts';
import { ACCOUNT_ID, createWorld, openClock, REGION, type World } from './aws/world.ts';
import type { LocalClock } from './clock.ts';
import { openEventLog } from './event-log.ts';
import { parseSeed } from './github/seed.ts';
import { type LocalGitHub, startLocalGitHub } from './github/start.ts';
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

/** What a reset leaves: the keys and ports of the printed environment, and the log. */
const KEPT = /^(?:local-cloud\.json|cloud\.log(?:\.1)?)$/;

const startGitHub = async (
  port: number,
  options: Omit<Parameters<typeof startLocalGitHub>[0], 'port'>,
): Promise<LocalGitHub> => {
  try {
    return await startLocalGitHub({ ...options, port });
  } catch (error) {
    if (port === 0 || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return startLocalGitHub({ ...options, port: 0 });
  }
};

/** Two local clouds over one directory would overwrite each other. */
const refuseSecond = async (stateDir: string, settings: Settings): Promise<void> => {
  if (settings.port === 0) return;
  const answer = await fetch(`http://127.0.0.1:${settings.port}/_km/clock`).catch(() => undefined);
  const clock = answer?.ok
    ? ((await answer.json().catch(() => ({}))) as { instance?: string; pid?: number })
    : {};
  if (clock.instance !== instanceOf(settings)) return;
  throw new Error(`A local cloud already runs in ${stateDir} (pid ${clock.pid})`);
};

/**
 * Starts a local cloud on loopback: the AWS endpoint and a GitHub, over one state directory. Several run side by side
 * with a directory each. See docs/local-cloud.md for what it promises. Throws InvalidInputError for a
 * seed that is not valid, and an Error when one already runs in that directory.
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
  let running: { state: ReturnType<typeof openState>; world: World; clock: LocalClock; github: LocalGitHub };

  const begin = async (githubPort: number): Promise<LocalGitHub> => {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    const state = openState(join(stateDir, 'state'), (error) =>
      log.write('state_not_saved', { error: String(error) }),
    );
    const clock = openClock(state);
    const github = await startGitHub(githubPort, {
      stateDir: join(stateDir, 'github'),
      clock,
      ...(seed ? { seed } : {}),
      table: (name) => state.table(name),
      faults: () => faults.github,
      log: (event, fields) => log.write(event, fields),
    });
    const functionEnvironment = { AWS_ENDPOINT_URL: url, KM_GITHUB_API_URL: github.apiUrl };
    const world = createWorld({
      settings,
      state,
      stateDir,
      endpoint: url,
      clock,
      faults: faults.aws,
      log,
      functionEnvironment: () => functionEnvironment,
    });
    running = { state, world, clock, github };
    await world.start();
    return github;
  };

  const end = async (): Promise<void> => {
    await running.world.stop();
    await running.github.close();
    running.clock.stop();
    await running.state.close();
  };

  const reset = async (): Promise<void> => {
    const { port } = running.github;
    await end();
    for (const name of readdirSync(stateDir)) {
      if (!KEPT.test(name)) rmSync(join(stateDir, name), { recursive: true, force: true });
    }
    faults.aws.set([]);
    faults.github = seed?.faults ?? {};
    await begin(port);
    log.write('reset');
  };

  const status = (): object => ({
    url,
    github_url: running.github.url,
    github_api_url: running.github.apiUrl,
    account_id: ACCOUNT_ID,
    region: REGION,
    now: new Date(running.clock.now()).toISOString(),
    offset_ms: running.clock.offsetMs,
    pid: process.pid,
    services: [...running.world.services.keys()],
  });

  const server = createAwsServer({
    world: () => running.world,
    sessionKey: Buffer.from(settings.sessionKey, 'base64'),
    admin: (request) =>
      answerAdmin(
        {
          adminToken: settings.adminToken,
          instance: instanceOf(settings),
          cloud: () => running.world.cloud,
          faults,
          log,
          status,
          reset,
          stop: () => setImmediate(() => void close()),
        },
        request,
      ),
  });

  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= (async () => {
      const shut = new Promise<void>((done) => server.close(() => done()));
      server.closeIdleConnections();
      await end();
      server.closeAllConnections();
      await shut;
      log.write('stopped');
      await log.close();
      gone.resolve();
    })();
    return closing;
  };

  const port = await listen(server, options.port ?? settings.port);
  url = `http://127.0.0.1:${port}`;
  const github = await begin(options.githubPort ?? settings.githubPort);
  saveSettings(stateDir, { ...settings, port, githubPort: github.port });
  log.write('started', { url, github: github.url });

  return {
    url,
    get github() {
      return running.github;
    },
    get clock() {
      return running.clock;
    },
    accountId: ACCOUNT_ID,
    region: REGION,
    adminToken: settings.adminToken,
    admin: settings.admin,
    operator: settings.operator,
    stopped: gone.promise,
    async attachOperatorPolicy(name) {
      const { cloud } = running.world;
      const admin = `arn:aws:iam::${ACCOUNT_ID}:user/admin`;
      const userId = usersOf(cloud).get('admin')?.id ?? '';
      const input = { UserName: 'operator', PolicyArn: `arn:aws:iam::${ACCOUNT_ID}:policy/${name}` };
      const caller: Caller = { kind: 'user', arn: admin, principalArn: admin, userId };
      await cloud.call('iam', 'AttachUserPolicy', input, caller);
    },
    close,
  };
};
