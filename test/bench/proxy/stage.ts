import { type ChildProcess, fork, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { build } from 'esbuild';

export interface GitHubStarted {
  readonly port: number;
  readonly bytesPort: number;
  /** Where the bare repositories of my-org lie: `small`, `cloned` and `pushed`. */
  readonly repositories: Readonly<Record<string, string>>;
  readonly token: string;
}
export interface FrontOrder {
  readonly port: number;
  readonly bytesPort: number;
}
export interface FrontStarted {
  readonly port: number;
  readonly caPem: string;
}
export interface ProxyOrder {
  readonly upstream: string;
  readonly upstreamCa?: string;
  readonly token: string;
  readonly dir: string;
  readonly allowForcePushes: boolean;
}
export interface ProxyStarted {
  readonly url: string;
  readonly caPem: string;
}

/** A way to GitHub: what curl and git are told to take it. */
export interface Way {
  readonly name: 'direct' | 'km' | 'mitmproxy';
  readonly curl: readonly string[];
  /** Before the command of git. */
  readonly git: readonly string[];
  /** The header that a proxy puts on, and who goes without one has to. */
  readonly authorization: string;
  /** The base of a remote. */
  readonly remote: string;
  /** The process in between. */
  readonly pid: number | undefined;
}

const here = import.meta.dirname;

const started = async <T>(child: ChildProcess, order?: object): Promise<T> => {
  if (order) child.send(order);
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as T));
    child.once('exit', (code) => reject(new Error(`${child.spawnargs.at(-1)} ended with ${code}`)));
  });
};

const forked = (file: string, execArgv: readonly string[] = []): ChildProcess =>
  fork(file, { execArgv: [...execArgv], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });

/** As `km` is: one file, without the compiler that reads TypeScript, and with the flag of scripts/proxy/km-proxy.service. */
const forkedAsInstalled = async (name: string, dir: string): Promise<ChildProcess> => {
  const outfile = join(dir, 'proxy-process.mjs');
  await build({
    entryPoints: [join(here, name)],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    logLevel: 'warning',
    banner: {
      js: "import { createRequire } from 'node:module';const require = createRequire(import.meta.url);",
    },
  });
  return forked(outfile, ['--max-semi-space-size=1']);
};

/** Whether a program is on the PATH. */
export const isInstalled = (program: string): boolean =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));

const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
};

const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

const waitFor = async (what: string, isThere: () => boolean | Promise<boolean>): Promise<void> => {
  for (let waited = 0; !(await isThere()); waited += 100) {
    if (waited > 30_000) throw new Error(`${what} did not start`);
    await delay(100);
  }
};

/** What is measured: a GitHub behind TLS, and the ways to it, each in processes of their own. */
export class Stage implements AsyncDisposable {
  readonly dir: string;
  readonly #children: ChildProcess[] = [];
  github: GitHubStarted = { port: 0, bytesPort: 0, repositories: {}, token: '' };
  readonly ways: Way[] = [];

  private constructor(dir: string) {
    this.dir = dir;
  }

  static async start({ withMitmproxy = false } = {}): Promise<Stage> {
    const stage = new Stage(await mkdtemp(join(tmpdir(), 'km-bench-proxy-')));
    try {
      await stage.#start(withMitmproxy);
      return stage;
    } catch (error) {
      await stage[Symbol.asyncDispose]();
      throw error;
    }
  }

  way(name: Way['name']): Way {
    const found = this.ways.find((way) => way.name === name);
    if (!found) throw new Error(`there is no way ${name}`);
    return found;
  }

  async #start(withMitmproxy: boolean): Promise<void> {
    const github = forked(join(here, 'github-process.ts'));
    const front = forked(join(here, 'tls-front.ts'));
    this.#children.push(github, front);
    const proxy = await forkedAsInstalled('proxy-process.ts', this.dir);
    this.#children.push(proxy);
    this.github = await started<GitHubStarted>(github);
    const { port, bytesPort, token } = this.github;
    const { port: frontPort, caPem } = await started<FrontStarted>(front, { port, bytesPort });
    const frontCa = await this.file('front.pem', caPem);
    const basic = `Authorization: Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`;
    this.ways.push({
      name: 'direct',
      curl: ['--noproxy', '*', '--cacert', frontCa, '--connect-to', `::127.0.0.1:${frontPort}`],
      git: ['-c', 'http.proxy=', '-c', `http.sslCAInfo=${frontCa}`, '-c', `http.extraHeader=${basic}`],
      authorization: basic,
      remote: `https://localhost:${frontPort}`,
      pid: undefined,
    });

    const upstream = `https://127.0.0.1:${frontPort}`;
    const order: ProxyOrder = { upstream, upstreamCa: caPem, token, dir: this.dir, allowForcePushes: false };
    const km = await started<ProxyStarted>(proxy, order);
    this.ways.push(this.#through('km', km.url, await this.file('km.pem', km.caPem), proxy.pid));
    if (withMitmproxy && isInstalled('mitmdump')) await this.#startMitmproxy({ frontPort, frontCa, basic });
  }

  #through(name: Way['name'], url: string, ca: string, pid: number | undefined): Way {
    return {
      name,
      curl: ['--proxy', url, '--cacert', ca],
      git: ['-c', `http.proxy=${url}`, '-c', `http.sslCAInfo=${ca}`],
      authorization: 'Authorization: none',
      remote: 'https://github.com',
      pid,
    };
  }

  async #startMitmproxy(front: {
    readonly frontPort: number;
    readonly frontCa: string;
    readonly basic: string;
  }): Promise<void> {
    const port = await freePort();
    const conf = join(this.dir, 'mitmproxy');
    const args = [
      ...[
        '--quiet',
        '--listen-host',
        '127.0.0.1',
        '--listen-port',
        String(port),
        '-s',
        join(here, 'repo_filter.py'),
      ],
      ...[
        `confdir=${conf}`,
        `ssl_verify_upstream_trusted_ca=${front.frontCa}`,
        'connection_strategy=lazy',
      ].flatMap((option) => ['--set', option]),
    ];
    const child = spawn('mitmdump', args, {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: {
        PATH: process.env.PATH,
        HOME: this.dir,
        PYTHONDONTWRITEBYTECODE: '1',
        BENCH_FRONT_PORT: String(front.frontPort),
        BENCH_TOKEN: front.basic.slice('Authorization: '.length),
      },
    });
    this.#children.push(child);
    const ca = join(conf, 'mitmproxy-ca-cert.pem');
    await waitFor('mitmdump', async () => existsSync(ca) && (await isListening(port)));
    this.ways.push(this.#through('mitmproxy', `http://127.0.0.1:${port}`, ca, child.pid));
  }

  async file(name: string, content: string): Promise<string> {
    const path = join(this.dir, name);
    await writeFile(path, content);
    return path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const running = this.#children.filter(
      ({ exitCode, signalCode }) => exitCode === null && signalCode === null,
    );
    const ended = running.map((child) => new Promise((resolve) => child.once('exit', resolve)));
    for (const child of running) child.connected ? child.disconnect() : child.kill();
    await Promise.race([Promise.all(ended), delay(10_000)]);
    for (const child of running) child.kill('SIGKILL');
    await rm(this.dir, { recursive: true, force: true });
  }
}
