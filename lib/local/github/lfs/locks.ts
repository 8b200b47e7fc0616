import { randomUUID } from 'node:crypto';
import type { Table } from '../../aws/cloud.ts';
import { GitHubError } from '../github-error.ts';
import type { LfsContext, LfsReply, LfsRoute } from './lfs-request.ts';

/** A lock on a file of a repository, by its id. */
export interface LfsLock {
  readonly id: string;
  readonly repositoryId: number;
  readonly path: string;
  /** Milliseconds on GitHub's clock. */
  readonly lockedAt: number;
  /** The App whose token made it. */
  readonly owner: string;
}

export type LfsLocks = Table<LfsLock>;

const MOST = 100;

const lockJson = ({ id, path, lockedAt, owner }: LfsLock) => ({
  id,
  path,
  locked_at: new Date(lockedAt).toISOString().replace(/\.\d+Z$/, 'Z'),
  owner: { name: owner },
});

const botOf = ({ state, principal }: LfsContext): string =>
  `${state.apps.get(principal.installation.appId)?.slug}[bot]`;

const locksOf = ({ state, repository }: LfsContext): LfsLock[] =>
  state.lfsLocks
    .values()
    .filter((lock) => lock.repositoryId === repository.id)
    .sort((a, b) => a.lockedAt - b.lockedAt || a.id.localeCompare(b.id));

/** The page of locks after the one that `cursor` names. */
const pageOf = (locks: readonly LfsLock[], cursor: unknown, limit: unknown) => {
  const from = locks.findIndex((lock) => lock.id === cursor) + 1;
  const size = Math.min(MOST, Math.max(1, Number(limit) || MOST));
  const page = locks.slice(from, from + size);
  const next = from + size < locks.length ? page.at(-1)?.id : undefined;
  return { page, ...(next === undefined ? {} : { next_cursor: next }) };
};

const create = async (context: LfsContext): Promise<LfsReply> => {
  const { path } = await context.body();
  if (typeof path !== 'string' || path === '') throw new GitHubError(422, 'path is missing');
  const held = locksOf(context).find((lock) => lock.path === path);
  if (held) return { status: 409, body: { lock: lockJson(held), message: 'already created lock' } };
  const lock: LfsLock = {
    id: randomUUID(),
    repositoryId: context.repository.id,
    path,
    lockedAt: context.now,
    owner: botOf(context),
  };
  context.state.lfsLocks.set(lock.id, lock);
  return { status: 201, body: { lock: lockJson(lock) } };
};

const list = (context: LfsContext): LfsReply => {
  const { query } = context;
  const wanted = locksOf(context).filter(
    (lock) => [null, lock.path].includes(query.get('path')) && [null, lock.id].includes(query.get('id')),
  );
  const { page, ...next } = pageOf(wanted, query.get('cursor'), query.get('limit'));
  return { status: 200, body: { locks: page.map(lockJson), ...next } };
};

const verify = async (context: LfsContext): Promise<LfsReply> => {
  const { cursor, limit } = await context.body();
  const { page, ...next } = pageOf(locksOf(context), cursor, limit);
  const own = (lock: LfsLock) => lock.owner === botOf(context);
  return {
    status: 200,
    body: {
      ours: page.filter(own).map(lockJson),
      theirs: page.filter((lock) => !own(lock)).map(lockJson),
      ...next,
    },
  };
};

const unlock = async (context: LfsContext): Promise<LfsReply> => {
  const { force } = await context.body();
  const lock = locksOf(context).find(({ id }) => id === context.params.id);
  if (!lock) throw new GitHubError(404, 'Not Found');
  if (lock.owner !== botOf(context) && force !== true)
    throw new GitHubError(403, `${lock.path} is locked by ${lock.owner}`);
  context.state.lfsLocks.delete(lock.id);
  return { status: 200, body: { lock: lockJson(lock) } };
};

/** @see https://github.com/git-lfs/git-lfs/blob/main/docs/api/locking.md */
export const lockRoutes: readonly LfsRoute[] = [
  { method: 'POST', pattern: '/locks', level: 'write', handle: create },
  { method: 'GET', pattern: '/locks', level: 'read', handle: list },
  { method: 'POST', pattern: '/locks/verify', level: 'write', handle: verify },
  { method: 'POST', pattern: '/locks/{id}/unlock', level: 'write', handle: unlock },
];
