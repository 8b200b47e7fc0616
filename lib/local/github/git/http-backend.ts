import { type ChildProcess, spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Git } from './git.ts';

const LONGEST_HEAD = 16_384;

export interface BackendRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly repositoryId: number;
  /** `info/refs`, `git-upload-pack` or `git-receive-pack`. */
  readonly endpoint: string;
  /** The service that was authorized; the other one stays switched off. */
  readonly service: 'git-upload-pack' | 'git-receive-pack';
  /** Whether a push may touch workflows. */
  readonly workflows: boolean;
  /** Who pushes, for the reflog. */
  readonly remoteUser: string;
}

interface Head {
  readonly status: number;
  readonly headers: readonly [string, string][];
}

const headOf = (text: string): Head => {
  const lines = text.split(/\r?\n/).filter((line) => line !== '');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
  });
  const status = headers.find(([name]) => name.toLowerCase() === 'status')?.[1];
  return {
    status: status === undefined ? 200 : Number.parseInt(status, 10),
    headers: headers.filter(([name]) => name.toLowerCase() !== 'status'),
  };
};

/**
 * Runs `git http-backend` as a CGI for one request, streaming both ways.
 * @see https://git-scm.com/docs/git-http-backend
 */
export class HttpBackend {
  readonly #git: Git;
  readonly #log: (event: string, fields: Readonly<Record<string, unknown>>) => void;
  readonly #running = new Map<ChildProcess, Promise<void>>();

  constructor(git: Git, log: (event: string, fields: Readonly<Record<string, unknown>>) => void) {
    this.#git = git;
    this.#log = log;
  }

  /** Ends every backend that still runs, and waits for it. */
  async stop(): Promise<void> {
    for (const child of this.#running.keys()) killGroup(child);
    await Promise.all(this.#running.values());
  }

  /** Answers the request; resolves when the backend has ended. A client that goes away ends it. */
  serve(options: BackendRequest): Promise<void> {
    const { request, response } = options;
    const child = spawn(join(this.#git.execPath, 'git-http-backend'), [], {
      cwd: this.#git.reposDir,
      env: this.#environment(options),
      stdio: ['pipe', 'pipe', 'pipe'],
      // A process group of its own, so that upload-pack and receive-pack end with it.
      detached: true,
    });
    const ended = new Promise<void>((resolve) => {
      let stderr = '';
      let head = Buffer.alloc(0);

      const onHead = (chunk: Buffer) => {
        head = Buffer.concat([head, chunk]);
        const end = /\r?\n\r?\n/.exec(head.toString('latin1'));
        if (!end) {
          if (head.length > LONGEST_HEAD) killGroup(child);
          return;
        }
        child.stdout.off('data', onHead);
        const { status, headers } = headOf(head.toString('latin1', 0, end.index));
        for (const [name, value] of headers) response.setHeader(name, value);
        response.writeHead(status);
        const rest = head.subarray(end.index + end[0].length);
        if (rest.length > 0) response.write(rest);
        child.stdout.pipe(response);
      };
      child.stdout.on('data', onHead);
      child.stderr.on('data', (chunk: Buffer) => {
        if (stderr.length < LONGEST_HEAD) stderr += chunk.toString('utf8');
      });
      child.stdin.on('error', () => {}); // the backend may refuse without reading the body
      request.pipe(child.stdin);
      const onGone = () => {
        if (!response.writableFinished) killGroup(child);
      };
      response.on('close', onGone);

      const finish = (code: number | null) => {
        response.off('close', onGone);
        if (!response.headersSent && !response.destroyed) {
          response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' });
          response.end('Internal Server Error\n');
        }
        if (code !== 0 && !response.destroyed)
          this.#log('github.backend', { repository: options.repositoryId, code, stderr: stderr.trim() });
        resolve();
      };
      child.once('error', () => finish(-1));
      child.once('close', finish);
    });
    this.#running.set(child, ended);
    return ended.finally(() => this.#running.delete(child));
  }

  #environment(options: BackendRequest): Record<string, string> {
    const { headers, method } = options.request;
    const pushes = options.service === 'git-receive-pack';
    const protocol = headers['git-protocol'];
    const optional: Record<string, string | undefined> = {
      CONTENT_TYPE: headers['content-type'],
      CONTENT_LENGTH: headers['content-length'],
      HTTP_CONTENT_ENCODING: headers['content-encoding'],
      GIT_PROTOCOL: typeof protocol === 'string' && /^[\w.:=-]{1,64}$/.test(protocol) ? protocol : undefined,
      REMOTE_USER: pushes ? options.remoteUser : undefined,
    };
    return {
      ...this.#git.environment({
        'http.receivepack': String(pushes),
        'http.uploadpack': String(!pushes),
        ...(pushes && !options.workflows ? { 'core.hooksPath': this.#git.workflowGuard } : {}),
      }),
      GIT_PROJECT_ROOT: this.#git.reposDir,
      GIT_HTTP_EXPORT_ALL: '1',
      GATEWAY_INTERFACE: 'CGI/1.1',
      REQUEST_METHOD: method ?? 'GET',
      PATH_INFO: `/${options.repositoryId}.git/${options.endpoint}`,
      QUERY_STRING: options.endpoint === 'info/refs' ? `service=${options.service}` : '',
      REMOTE_ADDR: '127.0.0.1',
      ...Object.fromEntries(
        Object.entries(optional).filter((entry): entry is [string, string] => entry[1] !== undefined),
      ),
    };
  }
}

const killGroup = (child: ChildProcess): void => {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGTERM');
  } catch {
    // The group has ended already.
  }
};
