import type { IncomingMessage } from 'node:http';
import type { Admission, Refusal } from '../decision.ts';
import type { GitHubLookups } from '../github-lookups.ts';
import { decideGraphql } from '../graphql/decide-graphql.ts';
import { readLfsBatch } from '../lfs/read-lfs-batch.ts';
import { permits } from '../proxy-policy.ts';
import { decideRefWrite } from '../rest/decide-ref-write.ts';
import type { Exchange } from './exchange.ts';
import type { Outgoing } from './forward.ts';
import { decidePushedBody } from './push.ts';
import { decodedBody, readBody } from './read-body.ts';

const LONGEST_INSPECTED = 16 * 1024 * 1024;
const DECODED = { 'content-encoding': 'identity' };
const JSON_BODY = { ...DECODED, 'content-type': 'application/json' };

const NOT_HANDED_OUT: Refusal = {
  allowed: false,
  rule: 'signed-url',
  status: 403,
  reason: '[km] This storage URL did not come from an allowed request through this proxy.',
  remedy: 'Ask GitHub for the download or upload again, and use the URL within the hour.',
};

/** The body that goes out in place of the client's, and the headers that go with it. */
export interface Admitted {
  readonly allowed: true;
  readonly body?: Outgoing['body'];
  readonly headers?: Outgoing['headers'];
  /** Whose token it takes, where the path does not say. */
  readonly owner?: string | undefined;
  /** Of an LFS batch: what its answer is to hold. */
  readonly operation?: LfsOperation;
}

export type LfsOperation = 'upload' | 'download';

type Inspected = Admitted | Refusal;

const lengthOf = (request: IncomingMessage): number | undefined => {
  const length = request.headers['content-length'];
  return length === undefined ? undefined : Number(length);
};

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || (lengthOf({ headers } as IncomingMessage) ?? 0) > 0;

/** As it comes: a stream of the same length, or none. */
export const asItComes = ({ request, method }: Exchange): Admitted => {
  if (hasBody(request)) return { allowed: true, body: { stream: request, length: lengthOf(request) } };
  const isEmpty = method === 'POST' || method === 'PUT' || method === 'PATCH';
  return isEmpty ? { allowed: true, body: Buffer.alloc(0) } : { allowed: true };
};

const pushed = async (
  exchange: Exchange,
  repo: string,
  lookups: GitHubLookups,
): Promise<Inspected | 'answered'> => {
  const { request, response } = exchange;
  const body = decodedBody(request);
  if ('allowed' in body) return { ...body, repo };
  const decided = await decidePushedBody(exchange, body, { repo, lookups });
  if (!decided.allowed) {
    if (!('answer' in decided)) return decided;
    exchange.deny(decided.refusal);
    response.writeHead(decided.refusal.status, {
      'content-type': 'application/x-git-receive-pack-result',
      'cache-control': 'no-cache',
      'content-length': decided.answer.length,
    });
    response.end(decided.answer);
    return 'answered';
  }
  exchange.moves(decided.refs);
  const isPlain = body === request;
  return {
    allowed: true,
    body: {
      beginning: decided.beginning,
      stream: decided.stream,
      length: isPlain ? lengthOf(request) : undefined,
    },
    headers: DECODED,
  };
};

/**
 * Looks into what a decision asks to be looked into, and says what goes out in place of the client's body; `answered`
 * when a push was refused in git's own protocol. Rejects with `ErrProxyLookup`, and when the client goes away.
 */
export const inspectBody = async (
  exchange: Exchange,
  { inspect, repo = '' }: Admission,
  lookups: GitHubLookups,
): Promise<Inspected | 'answered'> => {
  const { policy } = exchange;
  switch (inspect.kind) {
    case 'none':
      return asItComes(exchange);
    case 'receive-pack':
      return pushed(exchange, repo, lookups);
    case 'signed-url':
    case 'repository-id':
      return NOT_HANDED_OUT;
  }
  const body = await readBody(exchange.request, LONGEST_INSPECTED);
  if ('allowed' in body) return { ...body, repo };
  switch (inspect.kind) {
    case 'graphql': {
      const decided = decideGraphql(policy, body);
      if (!decided.allowed) return decided;
      const [owner, another] = new Set(decided.repos.map((name) => name.split('/')[0] ?? ''));
      if (another !== undefined) return TWO_OWNERS;
      return { allowed: true, body: decided.body, headers: JSON_BODY, owner };
    }
    case 'lfs-batch': {
      const batch = readLfsBatch(body);
      if ('allowed' in batch) return { ...batch, repo };
      if (batch.operation === 'upload' && !permits(policy, 'contents', 'write')) return noUpload(repo);
      return { allowed: true, body: batch.body, headers: DECODED, operation: batch.operation };
    }
    case 'ref-write': {
      const decided = await decideRefWrite({ policy, repo, write: inspect.write, body, lookups });
      if (!decided.allowed) return decided;
      exchange.moves(decided.refs);
      return { allowed: true, body: decided.body, headers: JSON_BODY };
    }
  }
};

const TWO_OWNERS: Refusal = {
  allowed: false,
  rule: 'graphql',
  status: 403,
  reason: '[km] This query is about repos of more than one owner, and a token serves one.',
  remedy: 'Send a query for each owner.',
};

const noUpload = (repo: string): Refusal => ({
  allowed: false,
  rule: 'permission',
  status: 403,
  reason: `[km] Uploading LFS objects to ${repo} takes contents: write; this sandbox may only read.`,
  remedy: 'Add push to the permissions of the profile, or download only.',
  repo,
});
