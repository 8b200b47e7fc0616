import { execFile } from 'node:child_process';
import { createSign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Table } from '../../lib/local/aws/cloud.ts';
import { LocalClock } from '../../lib/local/clock.ts';
import type { GitHubFaults } from '../../lib/local/github/faults.ts';
import type { Seed } from '../../lib/local/github/seed.ts';
import { type LocalGitHub, startLocalGitHub } from '../../lib/local/github/start.ts';

/** Tables that outlive a server, as JSON: what is not plain JSON does not survive here either. */
export const memoryTables = () => {
  const all = new Map<string, Map<string, string>>();
  const table = <T>(name: string): Table<T> => {
    const rows = all.get(name) ?? new Map<string, string>();
    all.set(name, rows);
    const read = (text: string | undefined) => (text === undefined ? undefined : (JSON.parse(text) as T));
    return {
      get: (key) => read(rows.get(key)),
      set: (key, value) => {
        rows.set(key, JSON.stringify(value));
      },
      delete: (key) => rows.delete(key),
      has: (key) => rows.has(key),
      keys: () => [...rows.keys()],
      values: () => [...rows.values()].map((text) => JSON.parse(text) as T),
      entries: () => [...rows.entries()].map(([key, text]) => [key, JSON.parse(text) as T]),
    };
  };
  const dump = () => JSON.stringify([...all].map(([name, rows]) => [name, [...rows]]));
  return { table, dump };
};

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** An RS256 JWT of any header and claims. */
export const signJwt = (
  privateKeyPem: string,
  claims: object,
  header: object = { alg: 'RS256', typ: 'JWT' },
) => {
  const signed = `${part(header)}.${part(claims)}`;
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(privateKeyPem, 'base64url')}`;
};

export interface GitRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: whatever GitHub answers
  readonly body: any;
}

export interface World {
  readonly github: LocalGitHub;
  readonly clock: LocalClock;
  readonly dir: string;
  readonly tables: ReturnType<typeof memoryTables>;
  readonly events: { event: string; fields: unknown }[];
  privateKey: string;
  /** The faults in force; tests assign it. */
  faults: GitHubFaults;
  /** The claims of a good JWT of now. */
  claims(): { iss: string; iat: number; exp: number };
  jwt(): string;
  /** One REST request; `auth` is sent as Bearer. */
  rest(method: string, path: string, auth?: string, body?: unknown): Promise<Answer>;
  /** Mints for an account; fails loudly. */
  mint(account: string, body?: object, headers?: Record<string, string>): Promise<string>;
  /** The remote of a repository with a token in its URL. */
  remote(repository: string, token?: string): string;
  /** Runs real git in the temporary directory. */
  git(args: readonly string[], options?: { cwd?: string; env?: Record<string, string> }): Promise<GitRun>;
  /** Stops the server and starts it again on the same state. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export const gitEnvironment = (home: string): Record<string, string> => ({
  PATH: process.env.PATH ?? '',
  HOME: home,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  GIT_AUTHOR_NAME: 'A',
  GIT_AUTHOR_EMAIL: 'a@example.com',
  GIT_COMMITTER_NAME: 'A',
  GIT_COMMITTER_EMAIL: 'a@example.com',
  LC_ALL: 'C',
});

export const startWorld = async (options: { seed?: Seed; faults?: GitHubFaults } = {}): Promise<World> => {
  const dir = mkdtempSync(join(tmpdir(), 'km-github-'));
  const tables = memoryTables();
  const clock = new LocalClock();
  const events: World['events'] = [];
  const world: { github?: LocalGitHub; faults: GitHubFaults; privateKey: string } = {
    faults: options.faults ?? {},
    privateKey: '',
  };
  const start = async () => {
    world.github = await startLocalGitHub({
      stateDir: join(dir, 'state'),
      ...(world.github?.apiPort === undefined ? {} : { apiPort: world.github.apiPort }),
      clock,
      table: tables.table,
      faults: () => world.faults,
      log: (event, fields) => events.push({ event, fields }),
      ...(options.seed ? { seed: options.seed } : {}),
    });
    world.privateKey = world.github.app?.privateKeyPem ?? world.privateKey;
  };
  await start();
  const github = () => world.github as LocalGitHub;
  const claims = () => {
    const now = Math.floor(clock.now() / 1000);
    return { iss: github().app?.clientId ?? '', iat: now - 60, exp: now + 540 };
  };
  const jwt = () => signJwt(world.privateKey, claims());
  const rest: World['rest'] = async (method, path, auth, body) => {
    const response = await fetch(`${github().apiUrl}${path}`, {
      method,
      headers: { ...(auth === undefined ? {} : { authorization: `Bearer ${auth}` }) },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? undefined : JSON.parse(text),
    };
  };
  return {
    clock,
    dir,
    tables,
    events,
    get github() {
      return github();
    },
    get privateKey() {
      return world.privateKey;
    },
    set privateKey(pem) {
      world.privateKey = pem;
    },
    get faults() {
      return world.faults;
    },
    set faults(faults) {
      world.faults = faults;
    },
    claims,
    jwt,
    rest,
    mint: async (account, body = {}, headers = {}) => {
      const id = github().installations.find((entry) => entry.account === account)?.id;
      const response = await fetch(`${github().apiUrl}/app/installations/${id}/access_tokens`, {
        method: 'POST',
        headers: { authorization: `Bearer ${jwt()}`, ...headers },
        body: JSON.stringify(body),
      });
      const answer = (await response.json()) as { token?: string };
      if (answer.token === undefined) throw new Error(`minting answered ${response.status}`);
      return answer.token;
    },
    remote: (repository, token) =>
      `${github().url.replace('//', token === undefined ? '//' : `//x-access-token:${token}@`)}/${repository}`,
    git: (args, { cwd = dir, env = {} } = {}) =>
      new Promise((resolve) => {
        execFile(
          'git',
          args,
          { cwd, env: { ...gitEnvironment(dir), ...env }, maxBuffer: 64 * 1024 * 1024 },
          (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
        );
      }),
    restart: async () => {
      await github().close();
      await start();
    },
    close: async () => {
      await github().close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
};
