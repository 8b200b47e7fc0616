import { fork } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../../e2e/harness.ts';
import { startFakeServices } from './fake-services.ts';

/** Processor time of one process that stands for one of Lambda's, in milliseconds. */
export interface FunctionTimes {
  readonly bootMs: number;
  readonly importMs: number;
  /** The first refresh, after the import. */
  readonly firstMs: number;
  /** One refresh of many, after many. */
  readonly warmMs: number;
  /** Resident memory at its most. */
  readonly rssMb: number;
}

/** Medians for the bundle, and for the same function with Octokit and the unbundled SDK. */
export interface RefresherFigures {
  readonly bundle: FunctionTimes;
  readonly octokit: FunctionTimes;
}

export interface MeasureRefresherOptions {
  readonly rounds: number;
  /** Refreshes before the warm ones are measured, so that V8 has compiled what it will; default 300. */
  readonly warmUp?: number;
  /** Default 400. */
  readonly refreshes?: number;
}

const OWNER = 'my-org';

export const bundlePath = join(root, 'dist/refresher/index.cjs');

export interface RunFunctionOptions {
  /** Where AWS and GitHub are. */
  readonly url: string;
  readonly file: string;
  /** Refreshes after the first one, before those that are measured. */
  readonly warmUp: number;
  readonly refreshes: number;
  readonly repos: readonly string[];
}

/** Runs the function in a process of its own: a first refresh, and as many more as are asked for. Rejects with an error's name. */
export const runFunction = ({
  url,
  file,
  warmUp,
  refreshes,
  repos,
}: RunFunctionOptions): Promise<FunctionTimes> =>
  new Promise((resolve, reject) => {
    const script = join(import.meta.dirname, 'function-process.cjs');
    const child = fork(script, [file, String(warmUp), String(refreshes), JSON.stringify(repos)], {
      execArgv: [],
      env: {
        PATH: process.env.PATH,
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
        AWS_SECRET_ACCESS_KEY: 'secret',
        AWS_ENDPOINT_URL: url,
        KM_GITHUB_API_URL: url,
      },
    });
    child.once('message', (told: FunctionTimes | { readonly failed: string }) =>
      'failed' in told ? reject(new Error(told.failed)) : resolve(told),
    );
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code} and told nothing`)));
  });

const medians = (runs: readonly FunctionTimes[]): FunctionTimes => {
  const of = (key: keyof FunctionTimes): number =>
    runs.map((run) => run[key]).sort((a, b) => a - b)[Math.floor(runs.length / 2)] ?? Number.NaN;
  return {
    bootMs: of('bootMs'),
    importMs: of('importMs'),
    firstMs: of('firstMs'),
    warmMs: of('warmMs'),
    rssMb: of('rssMb'),
  };
};

/** Takes the processor time of both functions in turn, against the same small AWS and GitHub in this process. */
export const measureRefresher = async (options: MeasureRefresherOptions): Promise<RefresherFigures> => {
  const { rounds, warmUp = 300, refreshes = 400 } = options;
  await using services = await startFakeServices({ owners: [OWNER] });
  const runs = { bundle: [] as FunctionTimes[], octokit: [] as FunctionTimes[] };
  const files = {
    bundle: bundlePath,
    octokit: join(root, 'test/bench/octokit-refresher/index.mjs'),
  };
  for (let round = 0; round < rounds; round += 1) {
    for (const name of ['bundle', 'octokit'] as const) {
      const repos = [`${OWNER}/repo`];
      runs[name].push(await runFunction({ url: services.url, file: files[name], warmUp, refreshes, repos }));
      services.take();
    }
  }
  return { bundle: medians(runs.bundle), octokit: medians(runs.octokit) };
};
