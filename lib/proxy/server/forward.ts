import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { isKmError } from '../../errors.ts';
import type { Refusal } from '../decision.ts';
import { answeredHeaders } from '../head/answered-headers.ts';
import { forwardedHeaders } from '../head/forwarded-headers.ts';
import type { Exchange } from './exchange.ts';
import { pour } from './pour.ts';
import type { Upstream } from './upstream.ts';

/** What goes to GitHub in place of the client's request. */
export interface Outgoing {
  readonly host: string;
  readonly target: string;
  /** Put on beside the client's own that are let through; these win. */
  readonly headers: Readonly<Record<string, string>>;
  /** Absent: none. */
  readonly body?: Buffer | StreamedBody | undefined;
}

export interface StreamedBody {
  /** What comes before the stream; absent: nothing. */
  readonly beginning?: readonly Buffer[];
  readonly stream: Readable;
  /** Of all, where it is known. Bytes. */
  readonly length?: number | undefined;
}

/** Errors of a connection that was never there: nothing of the request can have arrived. */
const NOT_CONNECTED =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_[A-Z]+|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|EMFILE|.*(?:CERT|SELF_SIGNED|UNABLE_TO).*)$/;

/** Whether GitHub may have got a request, and done what it asks for, although no answer came. */
export const mayHaveArrived = (error: unknown): boolean => {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return !NOT_CONNECTED.test(code) && !message.startsWith('[km] ');
};

/** Why the answer to a request that was sent is missing. */
export const lost = (host: string, error: unknown): Refusal => ({
  ...unreachable(host, error),
  reason: `[km] The answer of ${host} was lost: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`,
  remedy: 'Look whether it was done before you try again.',
});

/** Why GitHub could not be asked; the message names the host and the system's code, nothing of the request. */
export const unreachable = (host: string, error: unknown): Refusal => {
  const { code, message } = error as NodeJS.ErrnoException;
  return {
    allowed: false,
    rule: 'upstream',
    status: 502,
    reason: `[km] ${host} cannot be reached: ${message.startsWith('[km] ') ? message.slice(5) : (code ?? message)}`,
    remedy: 'Try again; if it stays, look at the network of the machine that the proxy runs on.',
  };
};

/** Why a request that would be allowed cannot be decided or authenticated now. */
export const undecidable = (error: unknown): Refusal => ({
  allowed: false,
  rule: isKmError(error) && error.code === 'ErrTokenUnreadable' ? 'token' : 'upstream',
  status: 502,
  reason: `[km] ${isKmError(error) ? error.message : 'This request could not be decided.'}`,
  remedy: (isKmError(error) ? error.remedy : undefined) ?? 'Try again.',
});

const headersOf = (exchange: Exchange, { headers, body }: Outgoing): OutgoingHttpHeaders => {
  const merged: Record<string, string | string[]> = {};
  for (const [name, value] of forwardedHeaders(exchange.request.rawHeaders)) {
    const before = merged[name];
    merged[name] = before === undefined ? value : [before, value].flat();
  }
  for (const [name, value] of Object.entries(headers)) merged[name.toLowerCase()] = value;
  if (body === undefined) return merged;
  const length = Buffer.isBuffer(body) ? body.length : body.length;
  if (length === undefined) merged['transfer-encoding'] = 'chunked';
  else merged['content-length'] = String(length);
  return merged;
};

/** Sends a request to GitHub and waits for the head of its answer. Rejects when there is none. */
export const send = (
  exchange: Exchange,
  upstream: Upstream,
  outgoing: Outgoing,
): Promise<IncomingMessage> => {
  const { host, target, body } = outgoing;
  const request = upstream.open({
    method: exchange.method,
    host,
    target,
    headers: headersOf(exchange, outgoing),
  });
  const onGone = () => request.destroy();
  exchange.response.once('close', onGone);
  return new Promise((resolve, reject) => {
    request.once('error', reject);
    // Nothing here asks for another protocol.
    request.once('upgrade', (_answer, socket) => {
      socket.destroy();
      reject(new TypeError('GitHub changed the protocol.'));
    });
    request.once('response', (answer) => {
      // What comes after is told by the answer's own stream.
      request.on('error', () => undefined);
      resolve(answer);
    });
    if (body === undefined) request.end();
    else if (Buffer.isBuffer(body)) {
      exchange.countSent(body.length);
      request.end(body);
    } else {
      for (const part of body.beginning ?? []) {
        exchange.countSent(part.length);
        request.write(part);
      }
      pour(body.stream, request, (bytes) => exchange.countSent(bytes)).catch((error: unknown) => {
        request.destroy();
        reject(error);
      });
    }
  });
};

/** Passes an answer on to the client as it comes. An answer that breaks off breaks off there as well. */
export const passOn = async (
  exchange: Exchange,
  answer: IncomingMessage,
  dropped: ReadonlySet<string> = new Set(),
): Promise<void> => {
  const { response } = exchange;
  const kept = answeredHeaders(answer.rawHeaders).filter(([name]) => !dropped.has(name));
  response.writeHead(answer.statusCode ?? 502, kept.flat());
  await pour(answer, response, (bytes) => exchange.countReceived(bytes));
};
