import { decidePush, type RefUpdate } from '../../guard/decide-push.ts';
import type { Refusal } from '../decision.ts';
import type { GitHubLookups } from '../github-lookups.ts';
import type { ProxyPolicy } from '../proxy-policy.ts';
import { checkFields } from './body-fields.ts';
import { readJsonObject, refuseBody, shownText } from './json-body.ts';
import { NO_OBJECT, type RefMove, type RefMoves, type RefWriteFacts, refMoves } from './ref-moves.ts';
import { isRefName, isShortName } from './ref-name.ts';
import type { RefWrite } from './ref-write.ts';

export interface RefWriteOptions {
  readonly policy: ProxyPolicy;
  /** That of the path: `owner/name`, lower case. */
  readonly repo: string;
  readonly write: RefWrite;
  /** The whole body, without its content encoding. */
  readonly body: Buffer;
  readonly lookups: GitHubLookups;
}

/** What may be sent on. */
export interface AllowedRefWrite {
  readonly allowed: true;
  /** JSON, written anew; empty when none came and none is needed. Only this is to be sent, as `application/json`. */
  readonly body: Buffer;
  /** What is moved now, for the audit log: all zeros where an id is not known beforehand. */
  readonly refs: readonly RefUpdate[];
}

const REMEDIES = {
  ref: 'Use a ref that allowedRefs names, or have this one added to it.',
  deletion: 'Leave the ref, or have allowDeletions set to true.',
  force: 'Make it a fast-forward without force, or have allowForcePushes set to true.',
} as const;

/** Stands for an id that is not known: neither all zeros, nor equal to any. */
const UNKNOWN = 'unknown';

const asUpdate = ({ ref, oldId, newId, isForced }: RefMove, unknown: string): RefUpdate => ({
  ref,
  oldId: oldId ?? unknown,
  newId: newId ?? unknown,
  isForced,
});

const denialOf = (policy: ProxyPolicy, moves: readonly RefMove[]): Omit<Refusal, 'repo'> | undefined => {
  const denials = decidePush(
    policy.guard,
    moves.map((move) => asUpdate(move, UNKNOWN)),
  );
  const [first] = denials;
  return (
    first && {
      allowed: false,
      rule: first.reason,
      status: 403,
      reason: denials.map(({ message }) => message).join('; '),
      remedy: REMEDIES[first.reason],
      refs: moves.map((move) => asUpdate(move, NO_OBJECT)),
    }
  );
};

const askedMoves = async (facts: RefWriteFacts, write: RefWrite): Promise<RefMoves | Refusal> => {
  try {
    return await refMoves(facts, write);
  } catch {
    return refuseBody(
      'Which ref this moves could not be asked of GitHub.',
      'Try again; name the branch in the body, where the route takes one.',
      { rule: 'upstream', status: 502 },
    );
  }
};

/** A name in the path is taken as the body's are: in one reading. */
const checkPath = (write: RefWrite): Refusal | undefined => {
  const isOneReading =
    'ref' in write ? isRefName(write.ref) : !('branch' in write) || isShortName(write.branch);
  if (isOneReading) return undefined;
  const name = 'ref' in write ? write.ref : 'branch' in write ? write.branch : '';
  return refuseBody(
    `'${shownText(name)}' in the path is no name of a ref, or could be read as another one.`,
    'Write the name as git shows it.',
    { rule: 'path' },
  );
};

const NOTHING = Buffer.alloc(0);

/**
 * Decides over a REST request that moves a ref, or that decides which ref is moved later, as over a push that does the
 * same. Refuses what is not well-formed, what GitHub does not document for the route, and what cannot be asked.
 *
 * What GitHub would choose by itself is chosen here and written into the body, so that what was judged is what is done.
 */
export const decideRefWrite = async (options: RefWriteOptions): Promise<Refusal | AllowedRefWrite> => {
  const { policy, repo, write, body, lookups } = options;
  const refused = (refusal: Refusal): Refusal => ({ ...refusal, repo });
  const badPath = checkPath(write);
  if (badPath) return refused(badPath);
  const read = body.length === 0 ? { fields: {} } : readJsonObject(body);
  if ('allowed' in read) return refused(read);
  const checked = checkFields(write.kind, read.fields);
  if ('allowed' in checked) return refused(checked);
  const found = await askedMoves({ policy, repo, fields: checked.fields, lookups }, write);
  if ('allowed' in found) return refused(found);
  const denial = denialOf(policy, found.moves);
  if (denial) return refused(denial);
  const isEmpty = body.length === 0 && !found.write;
  return {
    allowed: true,
    body: isEmpty ? NOTHING : Buffer.from(JSON.stringify({ ...checked.fields, ...found.write })),
    refs: found.isLater ? [] : found.moves.map((move) => asUpdate(move, NO_OBJECT)),
  };
};
