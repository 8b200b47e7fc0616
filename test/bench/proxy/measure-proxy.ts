import { execFile } from 'node:child_process';
import { rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  addIncompressible,
  borrow,
  checkWhole,
  gitEnvironment,
  mainOf,
  withoutPacks,
} from './big-repository.ts';
import { memoryOf } from './memory-of.ts';
import { Stage, type Way } from './stage.ts';

const MIB = 1024 * 1024;
const run = promisify(execFile);

/** Milliseconds of each way, in the order of its runs. */
export type Times = ReadonlyMap<Way['name'], readonly number[]>;

/** What the proxy's process took while 1 GiB went through it, MiB. */
export interface Memory {
  readonly before: number;
  /** In the first and in the last third of the time; flat when they are alike. */
  readonly early: number;
  readonly late: number;
  readonly most: number;
}

export interface ProxyFigures {
  readonly mebibytes: number;
  readonly clone: Times;
  readonly push: Times;
  readonly download: Times;
  readonly upload: Times;
  /** `git ls-remote`, a whole process. */
  readonly lsRemote: Times;
  /** One conditional request on a connection that is there. */
  readonly warm: Times;
  readonly memory: { readonly clone: Memory; readonly push: Memory } | undefined;
}

type Act = (way: Way) => Promise<unknown>;

/** Runs an act on each way in turn, so that a machine that slows down slows them all. */
const inTurn = async (
  ways: readonly Way[],
  rounds: number,
  act: Act,
  clear: () => void = () => {},
): Promise<Times> => {
  const times = new Map<Way['name'], number[]>(ways.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    // Whoever comes first pays for cold caches: not always the same.
    for (const way of round % 2 === 0 ? ways : ways.toReversed()) {
      const start = performance.now();
      await act(way);
      times.get(way.name)?.push(performance.now() - start);
      clear();
    }
  }
  return times;
};

const sampled = async (pid: number, act: () => Promise<unknown>): Promise<Memory> => {
  const samples: number[] = [];
  const before = (await memoryOf(pid))?.now ?? Number.NaN;
  const timer = setInterval(
    () => void memoryOf(pid).then((memory) => memory && samples.push(memory.now)),
    100,
  );
  await act().finally(() => clearInterval(timer));
  const third = Math.ceil(samples.length / 3);
  return {
    before,
    early: Math.max(...samples.slice(0, third)),
    late: Math.max(...samples.slice(-third)),
    most: Math.max(...samples),
  };
};

/** curl's own time of each request on one connection, without the first ones, milliseconds. */
const warmRequests = async (ways: readonly Way[], requests: number): Promise<Times> => {
  const times = new Map<Way['name'], number[]>();
  for (const way of ways) {
    const url = 'https://api.github.com/repos/my-org/small';
    const common = [...way.curl, '-sS', '-f', '-H', 'if-none-match: "x"', '-w', '%{time_total}\n'];
    const authorization = way.name === 'direct' ? ['-H', way.authorization] : [];
    const { stdout } = await run('curl', [
      ...common,
      ...authorization,
      ...Array.from({ length: requests }, () => ['-o', '/dev/null', url]).flat(),
    ]);
    times.set(
      way.name,
      stdout
        .trim()
        .split('\n')
        .slice(5)
        .map((seconds) => Number(seconds) * 1000),
    );
  }
  return times;
};

/** Measures the proxy against no proxy, and against mitmproxy where it is installed. Takes some minutes and 4 GiB of disk. */
export const measureProxy = async ({
  rounds = 5,
  mebibytes = 300,
  huge = 1024,
} = {}): Promise<ProxyFigures> => {
  await using stage = await Stage.start({ withMitmproxy: true });
  const { ways } = stage;
  const { cloned = '', pushed = '' } = stage.github.repositories;
  const env = gitEnvironment(stage.dir);
  const git = (...args: readonly string[]) =>
    run('git', args, { env, encoding: 'utf8', maxBuffer: 64 * MIB });
  const first = mainOf(pushed);
  const source = join(stage.dir, 'source.git');
  const target = join(stage.dir, 'clone.git');
  const file = join(stage.dir, 'upload');

  const prepare = async (size: number): Promise<void> => {
    rmSync(source, { recursive: true, force: true });
    await git('clone', '--quiet', '--bare', pushed, source);
    await addIncompressible(source, size);
    borrow(source, cloned);
  };
  const clone: Act = (way) =>
    git(...way.git, 'clone', '--quiet', '--bare', `${way.remote}/my-org/cloned.git`, target);
  const push: Act = (way) =>
    git('-C', source, ...way.git, 'push', '--quiet', `${way.remote}/my-org/pushed.git`, 'main');
  const clearClone = (): void => rmSync(target, { recursive: true, force: true });
  const clearPush = (): void => {
    if (mainOf(pushed) !== mainOf(source)) throw new Error('what was pushed is not there');
    withoutPacks(pushed, first);
  };
  const curl = (way: Way, ...args: readonly string[]) =>
    run('curl', [...way.curl, '-sS', '-f', '-o', '/dev/null', ...args]);
  const download: Act = (way) =>
    curl(way, `https://raw.githubusercontent.com/my-org/small/main/${mebibytes * MIB}`);
  const upload: Act = (way) =>
    curl(
      way,
      ...['-X', 'POST', '-H', 'expect:', '-H', 'content-type: application/octet-stream', '-T', file],
      'https://uploads.github.com/repos/my-org/small/releases/1/assets?name=x',
    );
  const lsRemote: Act = (way) => git(...way.git, 'ls-remote', `${way.remote}/my-org/small.git`);

  await prepare(mebibytes);
  writeFileSync(file, '');
  truncateSync(file, mebibytes * MIB);
  for (const way of ways) await lsRemote(way);
  const figures = {
    mebibytes,
    lsRemote: await inTurn(ways, rounds * 4, lsRemote),
    warm: await warmRequests(ways, 60),
    download: await inTurn(ways, rounds, download),
    upload: await inTurn(ways, rounds, upload),
    clone: await inTurn(ways, rounds, clone, clearClone),
    push: await inTurn(ways, rounds, push, clearPush),
  };
  const km = stage.way('km');
  if (huge === 0 || km.pid === undefined || !(await memoryOf(km.pid)))
    return { ...figures, memory: undefined };
  const { pid } = km;
  await prepare(huge);
  const memory = {
    clone: await sampled(pid, () => clone(km)),
    push: await sampled(pid, () => push(km)),
  };
  for (const repository of [target, pushed]) checkWhole(repository);
  return { ...figures, memory };
};
