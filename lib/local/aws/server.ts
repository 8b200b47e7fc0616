import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { authenticate } from './authenticate.ts';
import { AwsError, notImplemented } from './cloud.ts';
import { decode, encodeError } from './wire/codec.ts';
import { urlParts, type WireRequest } from './wire/request.ts';
import type { HttpAnswer } from './wire/rest.ts';
import { asAwsError, type World } from './world.ts';

/** Longer than clients keep an idle connection: they should be the ones who close it. */
const KEEP_ALIVE_MS = 65_000;

const LARGEST_BODY = 64 * 1024 * 1024;

export interface AwsServerOptions {
  /** The world that answers; another one after a reset. */
  readonly world: () => World;
  readonly sessionKey: Buffer;
  /** Milliseconds since the epoch on the moved clock, or the machine's while none runs. */
  readonly now: () => number;
  /** Answers the `/_km/` routes. */
  readonly admin: (request: WireRequest) => Promise<HttpAnswer>;
}

const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > LARGEST_BODY)
      throw new AwsError('RequestEntityTooLargeException', 'The request is too large', 413);
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
};

const answerOpen = async (world: World, request: WireRequest): Promise<HttpAnswer | undefined> => {
  for (const { open } of world.services.values()) {
    if (!open || !request.url.startsWith(open.prefix)) continue;
    const { method, body } = request;
    const answer = await open.handle({ method, ...urlParts(request), body });
    return { status: answer.status, headers: {}, body: answer.body ?? '' };
  }
  return undefined;
};

/** Authenticates, decodes, dispatches and encodes one AWS request; its line in the log names no value of it. */
const answerAws = async (options: AwsServerOptions, request: WireRequest): Promise<HttpAnswer> => {
  const world = options.world();
  const { cloud } = world;
  const requestId = randomUUID();
  const began = performance.now();
  const seen: { service: string; operation?: string; caller?: string; error?: string } = { service: '' };
  let answer: HttpAnswer;
  try {
    const { caller, service: name, accessKeyId } = authenticate(cloud, options.sessionKey, request);
    seen.service = name;
    seen.caller = caller.arn;
    const service = world.services.get(name);
    if (!service) throw notImplemented({ service: name, operation: '*' });
    const decoded = decode(request, service);
    seen.operation = decoded.operation;
    const { operation, input } = decoded;
    const result = await world.dispatch({ service: name, operation, input, caller, requestId, accessKeyId });
    answer = decoded.encode((result ?? {}) as object, requestId);
  } catch (error) {
    const known = asAwsError(error);
    seen.error = known.code;
    if (known.code === 'InternalFailure' && error instanceof Error)
      cloud.log('internal_failure', { stack: error.stack });
    answer = encodeError(request, seen.service, known, requestId);
  }
  cloud.log('aws', { ...seen, status: answer.status, ms: Math.round(performance.now() - began), requestId });
  return answer;
};

const send = (response: ServerResponse, answer: HttpAnswer, now: number): void => {
  response.sendDate = false;
  // Clients learn the moved clock from this header, as they learn AWS's own.
  response.writeHead(answer.status, {
    date: new Date(now).toUTCString(),
    'content-length': Buffer.byteLength(answer.body),
    ...answer.headers,
  });
  response.end(answer.body);
};

/** The AWS endpoint: a server that answers signed requests, open routes and the local cloud's own `/_km/` routes. */
export const createAwsServer = (options: AwsServerOptions): Server =>
  createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, async (incoming, response) => {
    try {
      const request: WireRequest = {
        method: incoming.method ?? 'GET',
        url: incoming.url ?? '/',
        headers: incoming.headers,
        body: await readBody(incoming),
      };
      const answer = request.url.startsWith('/_km/')
        ? await options.admin(request)
        : ((await answerOpen(options.world(), request)) ?? (await answerAws(options, request)));
      send(response, answer, options.now());
    } catch (error) {
      const { status, message } = asAwsError(error);
      if (!response.headersSent) response.writeHead(status, { connection: 'close' }).end(message);
      else response.destroy();
    }
  });

/** Listens on loopback: at `port` if it is free, else wherever there is room. Returns the port. */
export const listen = async (server: Server, port: number): Promise<number> => {
  const attempt = (wanted: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(wanted, '127.0.0.1', () => {
        server.removeListener('error', reject);
        resolve();
      });
    });
  try {
    await attempt(port);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    await attempt(0);
  }
  return (server.address() as AddressInfo).port;
};
