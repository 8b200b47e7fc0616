import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { connect, type TLSSocket } from 'node:tls';
import { root, type World } from './harness.ts';

/** What `km proxy --json` says when it listens. */
export interface Listening {
  readonly sandbox: string;
  readonly url: string;
  readonly ca: string;
  readonly bundle: string;
  readonly inject: boolean;
  readonly audit: string;
}

/** `km proxy` as a process of its own. */
export class ProxyProcess {
  readonly at: Listening;
  readonly child: ChildProcess;
  readonly #world: World;

  private constructor(world: World, child: ChildProcess, at: Listening) {
    this.#world = world;
    this.child = child;
    this.at = at;
  }

  /** Starts it, and waits until it listens. */
  static async start(world: World, args: readonly string[]): Promise<ProxyProcess> {
    const child = spawn(
      process.execPath,
      [join(root, 'dist', 'km.js'), 'proxy', ...args, '--state', world.state, '--json'],
      { env: { PATH: process.env.PATH ?? '', HOME: world.home }, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const ended = once(child, 'exit').then(() => Promise.reject(new TypeError(`km proxy ended: ${said}`)));
    ended.catch(() => undefined);
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    const [line] = (await Promise.race([once(lines, 'line'), ended])) as [string];
    return new ProxyProcess(world, child, JSON.parse(line) as Listening);
  }

  /** The whole environment of a client that goes through it, and brings what credential it likes. */
  environment(): Record<string, string> {
    const { url, bundle } = this.at;
    return {
      PATH: process.env.PATH ?? '',
      HOME: join(this.#world.dir, 'client'),
      https_proxy: url,
      http_proxy: url,
      GIT_SSL_CAINFO: bundle,
      CURL_CA_BUNDLE: bundle,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_TERMINAL_PROMPT: '0',
      GIT_AUTHOR_NAME: 'x',
      GIT_AUTHOR_EMAIL: 'x@example.com',
      GIT_COMMITTER_NAME: 'x',
      GIT_COMMITTER_EMAIL: 'x@example.com',
    };
  }

  /** A connection to a host of GitHub through it, for a client that reads when it is told to. */
  async tunnel(host: string): Promise<TLSSocket> {
    const { hostname, port } = new URL(this.at.url);
    const asked = request({ hostname, port, method: 'CONNECT', path: `${host}:443`, agent: false }).end();
    const [, socket] = (await once(asked, 'connect')) as [unknown, Socket];
    const ca = await readFile(this.at.ca);
    const secured = connect({ socket, ca, servername: host });
    await once(secured, 'secureConnect');
    return secured;
  }

  /** Ends it by a signal, and gives its exit code. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode;
    this.child.kill(signal);
    const [code] = (await once(this.child, 'exit')) as [number | null];
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end('SIGKILL');
  }
}
