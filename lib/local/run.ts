import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Faults } from './admin.ts';
import { openState } from './aws/state.ts';
import { createWorld, openClock, type World } from './aws/world.ts';
import type { LocalClock } from './clock.ts';
import type { EventLog } from './event-log.ts';
import type { Seed } from './github/seed.ts';
import { type LocalGitHub, startLocalGitHub } from './github/start.ts';
import type { Settings } from './settings.ts';

export interface RunOptions {
  readonly stateDir: string;
  readonly settings: Settings;
  readonly seed: Seed | undefined;
  /** The AWS endpoint, which answers already. */
  readonly url: string;
  /** Of the GitHub; 0 or a taken one: any that is free. */
  readonly githubPort: number;
  /** Of its REST, where that has an origin of its own; absent or a taken one: any that is free. */
  readonly githubApiPort: number | undefined;
  readonly faults: Faults;
  readonly log: EventLog;
}

/** A local cloud at work over its state directory, from its start to its end or reset. */
export interface Run {
  readonly world: World;
  readonly clock: LocalClock;
  readonly github: LocalGitHub;
  /** Lets the timers of the services resume. Requests must be answered by then. */
  start(): Promise<void>;
  /** Stops everything and saves. */
  end(): Promise<void>;
}

/** What a run keeps in the state directory beside the settings and the log. */
const OWN = ['state', 'github', 'assets', 'lambda'];

/** Removes what runs have kept: the next one begins as the first. */
export const eraseRuns = (stateDir: string): void => {
  for (const name of OWN) rmSync(join(stateDir, name), { recursive: true, force: true });
};

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

/** Opens the state and puts AWS and GitHub over it. */
export const openRun = async (options: RunOptions): Promise<Run> => {
  const { stateDir, settings, seed, url, faults, log, githubApiPort } = options;
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const state = openState(join(stateDir, 'state'), (error) =>
    log.write('state_not_saved', { error: String(error) }),
  );
  const clock = openClock(state);
  const github = await startGitHub(options.githubPort, {
    stateDir: join(stateDir, 'github'),
    clock,
    ...(seed ? { seed } : {}),
    ...(githubApiPort === undefined ? {} : { apiPort: githubApiPort }),
    table: (name) => state.table(name),
    faults: () => faults.github,
    log: (event, fields) => log.write(event, fields),
  });
  const world = createWorld({
    settings,
    state,
    stateDir,
    endpoint: url,
    clock,
    faults: faults.aws,
    log,
    functionEnvironment: { AWS_ENDPOINT_URL: url, KM_GITHUB_API_URL: github.apiUrl },
  });
  return {
    world,
    clock,
    github,
    start: () => world.start(),
    async end() {
      await world.stop();
      await github.close();
      clock.stop();
      await state.close();
    },
  };
};
