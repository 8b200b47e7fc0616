import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** At which of its AWS calls a process dies: before the call reaches AWS, or after AWS did it and before the answer. */
export interface KillAt {
  /** From 1. */
  readonly call: number;
  readonly when: 'before' | 'after';
}

export interface Choke extends AsyncDisposable {
  /** What takes the endpoint's place for the process. */
  readonly url: string;
  /** The operations that were asked for, in their order. */
  readonly calls: readonly string[];
}

const operationOf = ({ headers, method, url }: IncomingMessage, body: Buffer): string =>
  headers['x-amz-target']?.toString().split('.').at(-1) ??
  /(?:^|&)Action=(\w+)/.exec(body.toString('latin1'))?.[1] ??
  `${method} ${url?.split('?', 1)[0]}`;

/** Passes AWS calls on as they are, and calls `kill` at one of them, which is then never answered. */
export async function choke(endpoint: string, killAt: KillAt | undefined, kill: () => void): Promise<Choke> {
  const upstream = new URL(endpoint);
  const calls: string[] = [];

  const pass = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const dies = calls.push(operationOf(incoming, body)) === killAt?.call ? killAt.when : undefined;
    if (dies === 'before') return kill();
    const { method, url: path, headers } = incoming;
    const onward = request({ host: upstream.hostname, port: upstream.port, method, path, headers });
    onward.once('error', () => response.destroy());
    onward.once('response', async (answer) => {
      const parts: Buffer[] = [];
      for await (const part of answer) parts.push(part);
      if (dies === 'after') return kill();
      response.writeHead(answer.statusCode ?? 500, answer.rawHeaders);
      response.end(Buffer.concat(parts));
    });
    onward.end(body);
  };

  const server = createServer((incoming, response) => {
    pass(incoming, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
