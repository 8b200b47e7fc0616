import type { ServerResponse } from 'node:http';
import type { Refusal } from '../decision.ts';

const GIT = /\/(?:info\/refs|git-upload-pack|git-receive-pack)$/;
const LFS = /\/info\/lfs(?:\/|$)/;

const inJson = (refusal: Refusal): string => {
  const { rule, repo, refs, reason, remedy } = refusal;
  return JSON.stringify({
    error: reason,
    rule,
    ...(repo === undefined ? {} : { repo }),
    ...(refs === undefined ? {} : { refs: refs.map(({ ref }) => ref) }),
    change: remedy,
    // What gh, git-lfs and the SDKs show.
    message: `${reason.replace(/[.!?]?$/, '.')} ${remedy}`,
  });
};

const contentOf = (refusal: Refusal, path: string): readonly [type: string, body: string] => {
  // git shows every line of plain text as a `remote:` line.
  if (GIT.test(path)) return ['text/plain; charset=utf-8', `${refusal.reason}\n${refusal.remedy}\n`];
  const type = LFS.test(path) ? 'application/vnd.git-lfs+json' : 'application/json; charset=utf-8';
  return [type, `${inJson(refusal)}\n`];
};

export interface RefusalOptions {
  /** Without its query. */
  readonly path: string;
  /** After a request that was not understood nothing on its connection is to be read any more. */
  readonly isLast: boolean;
}

/** Answers a refused request as its client can show it: git, git-lfs, or whoever reads JSON. */
export const answerRefusal = (
  response: ServerResponse,
  refusal: Refusal,
  { path, isLast }: RefusalOptions,
): void => {
  const [type, body] = contentOf(refusal, path);
  response.writeHead(refusal.status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    ...(isLast ? { connection: 'close' } : {}),
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
};

/** The same for a client whose request the HTTP parser refused, or that asked for a tunnel: straight onto its connection. */
export const rawRefusal = (refusal: Refusal): string => {
  const body = `${refusal.reason}\n${refusal.remedy}\n`;
  return [
    `HTTP/1.1 ${refusal.status} Refused`,
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
};
