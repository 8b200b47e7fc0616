import { refMatches } from '../../guard/decide-push.ts';
import type { Refusal } from '../decision.ts';
import type { GitHubLookups } from '../github-lookups.ts';
import { allowsRepo, type ProxyPolicy } from '../proxy-policy.ts';
import { partsOfHead } from './body-fields.ts';
import { type Fields, refuseBody } from './json-body.ts';
import { isShortName } from './ref-name.ts';
import type { RefWrite } from './ref-write.ts';

/** What a request does to a ref. An id that is not known beforehand is absent. */
export interface RefMove {
  readonly ref: string;
  readonly oldId?: string;
  readonly newId?: string;
  readonly isForced: boolean;
}

/** Everything that a request does to refs, or has done later: each has to be allowed. */
export interface RefMoves {
  readonly moves: readonly RefMove[];
  /** True where nothing is moved now, but it is decided what a later merge moves or which ref's workflows run. */
  readonly isLater?: boolean;
  /** What to write into the body. */
  readonly write?: Fields;
}

export interface RefWriteFacts {
  readonly policy: ProxyPolicy;
  readonly repo: string;
  readonly fields: Fields;
  readonly lookups: GitHubLookups;
}

type WriteOf<K extends RefWrite['kind']> = Extract<RefWrite, { readonly kind: K }>;
type Mover<K extends RefWrite['kind']> = (
  facts: RefWriteFacts,
  write: WriteOf<K>,
) => RefMoves | Refusal | Promise<RefMoves | Refusal>;

/** Where a ref does not exist. */
export const NO_OBJECT = '0'.repeat(40);
const branchRef = (name: unknown): string => `refs/heads/${String(name)}`;
const forward = (name: unknown): RefMove => ({ ref: branchRef(name), isForced: false });
const idIn = (value: unknown): string => String(value).toLowerCase();

const foreignRepo = (what: string, repo: string | undefined): Refusal =>
  refuseBody(
    `${what} is in ${repo ? `'${repo}'` : 'a repository that is gone'} -- not in allowedRepos.`,
    'Use a branch of an allowed repository, or have the repository added to allowedRepos.',
    { rule: 'repo', status: 403 },
  );

/** The fork that `owner:branch` means can have any name: without `head_repo`, all of its owner's repos must be allowed. */
const foreignHead = ({ policy, repo, fields }: RefWriteFacts): Refusal | undefined => {
  const [ownOwner = '', ownName = ''] = repo.split('/');
  const { owner } = partsOfHead(String(fields.head ?? ''));
  const named = fields.head_repo === undefined ? undefined : String(fields.head_repo).toLowerCase();
  const unnamed = owner === undefined || owner === ownOwner ? ownName : '*';
  const head = named?.includes('/') ? named : `${owner ?? ownOwner}/${named ?? unnamed}`;
  const isOneRepo = owner === undefined || head.startsWith(`${owner}/`);
  return isOneRepo && allowsRepo(policy, head)
    ? undefined
    : foreignRepo('The head of the pull request', isOneRepo ? head : `${owner}/*`);
};

const byDefaultBranch = async ({ policy, repo, lookups }: RefWriteFacts): Promise<string | undefined> =>
  policy.guard.allowedRefs ? lookups.defaultBranch(repo) : undefined;

const MOVERS: { readonly [K in RefWrite['kind']]: Mover<K> } = {
  'create-ref': ({ fields }) => ({
    moves: [{ ref: String(fields.ref), oldId: NO_OBJECT, newId: idIn(fields.sha), isForced: false }],
  }),
  // Without force GitHub itself takes a fast-forward only.
  'update-ref': ({ fields }, { ref }) => ({
    moves: [{ ref, newId: idIn(fields.sha), isForced: fields.force === true }],
  }),
  'delete-ref': (_, { ref }) => ({ moves: [{ ref, newId: NO_OBJECT, isForced: false }] }),
  merge: ({ fields }) => ({ moves: [forward(fields.base)] }),
  'merge-upstream': ({ fields }) => ({ moves: [forward(fields.branch)] }),
  contents: async (facts) => {
    const { fields } = facts;
    if (fields.branch !== undefined) return { moves: [forward(fields.branch)] };
    const branch = await byDefaultBranch(facts);
    return branch === undefined ? { moves: [] } : { moves: [forward(branch)], write: { branch } };
  },
  'rename-branch': ({ fields }, { branch }) => ({
    moves: [
      { ref: branchRef(branch), newId: NO_OBJECT, isForced: false },
      { ref: branchRef(fields.new_name), oldId: NO_OBJECT, isForced: false },
    ],
  }),
  'merge-pull': async ({ repo, lookups }, { number }) => {
    const { base } = await lookups.pullRequest(repo, number);
    if (base.repo !== repo) return foreignRepo('The base of the pull request', base.repo);
    return { moves: [forward(base.ref)] };
  },
  'update-pull-branch': async ({ policy, repo, lookups }, { number }) => {
    const { head } = await lookups.pullRequest(repo, number);
    if (!head.repo || !allowsRepo(policy, head.repo)) {
      return foreignRepo('The head of the pull request', head.repo);
    }
    return { moves: [forward(head.ref)] };
  },
  'write-pull': (facts) => {
    const { base } = facts.fields;
    return foreignHead(facts) ?? { moves: base === undefined ? [] : [forward(base)], isLater: true };
  },
  'write-release': async ({ policy, repo, fields, lookups }, { id }) => {
    const tagged = (tag: string) => [{ ref: `refs/tags/${tag}`, oldId: NO_OBJECT, isForced: false }];
    if (fields.tag_name !== undefined) return { moves: tagged(String(fields.tag_name)) };
    if (id !== undefined && !policy.guard.allowedRefs) return { moves: [] };
    const tag = id === undefined ? undefined : await lookups.releaseTag(repo, id);
    if (tag !== undefined && isShortName(tag)) return { moves: tagged(tag), write: { tag_name: tag } };
    return refuseBody(
      "The body has no 'tag_name', and a release makes its tag when it is published.",
      "Name the release's tag as 'tag_name'.",
    );
  },
  'repository-dispatch': async (facts) => {
    const branch = await byDefaultBranch(facts);
    return { moves: branch === undefined ? [] : [forward(branch)], isLater: true };
  },
  'workflow-dispatch': ({ policy, fields }) => {
    const name = String(fields.ref);
    const { allowedRefs } = policy.guard;
    const readings = name.startsWith('refs/') ? [name] : [branchRef(name), `refs/tags/${name}`];
    const allowed = readings.filter(
      (ref) => !allowedRefs || allowedRefs.some((pattern) => refMatches(pattern, ref)),
    );
    const [ref = branchRef(name)] = allowed;
    const isMeant = allowed.length === readings.length;
    // Runs what is there: a tag is not moved.
    const moves = [{ ref, oldId: NO_OBJECT, isForced: false }];
    return { moves, isLater: true, ...(isMeant ? {} : { write: { ref } }) };
  },
};

/** What a REST write does to refs, by its route and its checked body. Rejects when a lookup does. */
export const refMoves = async (facts: RefWriteFacts, write: RefWrite): Promise<RefMoves | Refusal> =>
  (MOVERS[write.kind] as Mover<RefWrite['kind']>)(facts, write);
