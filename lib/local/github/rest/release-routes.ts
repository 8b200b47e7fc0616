import type { Repository } from '../directory.ts';
import { defaultBranch } from '../git/move-refs.ts';
import { createRef, isRefName } from '../git/repository-content.ts';
import { GitHubError } from '../github-error.ts';
import { reaches } from '../permissions.ts';
import type { Release } from '../release-store.ts';
import { botOf } from './bot.ts';
import { commitOf } from './commit-routes.ts';
import { invalidField } from './issue-routes.ts';
import { paginate } from './paging.ts';
import { exactRef } from './ref-json.ts';
import { releaseJson } from './release-json.ts';
import { accessRepository } from './repository-access.ts';
import type { Reply, RestContext, Route } from './route.ts';

export const RELEASES = 'https://docs.github.com/rest/releases/releases';

const notFound = (documentation: string) => new GitHubError(404, 'Not Found', { documentation });

/** Drafts are for those who may write. */
const visible = ({ principal, state }: RestContext, repository: Repository): Release[] => {
  const writes =
    principal.kind === 'installation' && reaches(principal.token.permissions, 'contents', 'write');
  return state.releases.list(repository.id).filter((release) => writes || !release.draft);
};

/** The release of the path's id. Throws 404. */
export const namedRelease = (
  context: RestContext,
  repository: Repository,
  documentation: string,
): Release => {
  const found = visible(context, repository).find(({ id }) => String(id) === context.params.id);
  if (!found) throw notFound(documentation);
  return found;
};

/** Publishes what is no draft: its tag is made where there is none. Throws 422. */
const published = async (
  context: RestContext,
  repository: Repository,
  release: Release,
): Promise<Release> => {
  if (release.draft) return release;
  const { git, releases } = context.state;
  const documentation = `${RELEASES}#create-a-release`;
  const twin = releases.byTag(repository.id, release.tag);
  if (twin && twin.id !== release.id)
    throw invalidField(documentation, 'Release', 'tag_name', 'already_exists');
  const ref = `refs/tags/${release.tag}`;
  if (!(await exactRef(context, repository, ref))) {
    const commit = await commitOf(context, repository, release.target);
    if (commit === undefined || !(await createRef(git, repository.id, ref, commit)))
      throw invalidField(documentation, 'Release', 'target_commitish', 'invalid');
  }
  return { ...release, publishedAt: release.publishedAt ?? context.now };
};

const changed = (release: Release, body: Readonly<Record<string, unknown>>): Release => {
  const text = (key: string, otherwise: string) => (typeof body[key] === 'string' ? body[key] : otherwise);
  const flag = (key: string, otherwise: boolean) => (typeof body[key] === 'boolean' ? body[key] : otherwise);
  const tag = text('tag_name', release.tag);
  if (!isRefName(tag)) throw invalidField(`${RELEASES}#create-a-release`, 'Release', 'tag_name', 'invalid');
  return {
    ...release,
    tag,
    target: text('target_commitish', release.target),
    name: text('name', release.name),
    body: text('body', release.body),
    draft: flag('draft', release.draft),
    prerelease: flag('prerelease', release.prerelease),
  };
};

const create = async (context: RestContext): Promise<Reply> => {
  const documentation = `${RELEASES}#create-a-release`;
  const repository = accessRepository(context, 'contents', 'write', documentation);
  const { git, releases } = context.state;
  const body = await context.body();
  if (typeof body.tag_name !== 'string') throw invalidField(documentation, 'Release', 'tag_name');
  const blank: Release = {
    id: releases.nextId(),
    repositoryId: repository.id,
    tag: '',
    target: defaultBranch(git, repository.id),
    name: '',
    body: '',
    draft: false,
    prerelease: false,
    author: botOf(context).login,
    assets: [],
    createdAt: context.now,
  };
  const release = await published(context, repository, changed(blank, body));
  releases.save(release);
  return { status: 201, body: releaseJson(context, repository, release) };
};

const update = async (context: RestContext): Promise<Reply> => {
  const documentation = `${RELEASES}#update-a-release`;
  const repository = accessRepository(context, 'contents', 'write', documentation);
  const named = namedRelease(context, repository, documentation);
  const release = await published(context, repository, changed(named, await context.body()));
  context.state.releases.save(release);
  return { status: 200, body: releaseJson(context, repository, release) };
};

const remove = (context: RestContext): Reply => {
  const documentation = `${RELEASES}#delete-a-release`;
  const repository = accessRepository(context, 'contents', 'write', documentation);
  context.state.releases.delete(namedRelease(context, repository, documentation));
  return { status: 204 };
};

const list = (context: RestContext): Reply => {
  const repository = accessRepository(context, 'contents', 'read', `${RELEASES}#list-releases`);
  const { items, headers } = paginate(context, visible(context, repository));
  return { status: 200, headers, body: items.map((release) => releaseJson(context, repository, release)) };
};

/** One release, as the route finds it. */
const one =
  (name: string, find: (context: RestContext, repository: Repository) => Release | undefined) =>
  (context: RestContext): Reply => {
    const repository = accessRepository(context, 'contents', 'read', `${RELEASES}#${name}`);
    const release = find(context, repository);
    if (!release) throw notFound(`${RELEASES}#${name}`);
    return { status: 200, body: releaseJson(context, repository, release) };
  };

const ROOT = '/repos/{owner}/{repo}/releases';

/** Releases: a tag, and what is said of it. */
export const releaseRoutes: readonly Route[] = [
  { method: 'POST', pattern: ROOT, auth: 'anyone', handle: create },
  { method: 'GET', pattern: ROOT, auth: 'anyone', handle: list },
  {
    method: 'GET',
    pattern: `${ROOT}/latest`,
    auth: 'anyone',
    handle: one('get-the-latest-release', ({ state }, { id }) => state.releases.latest(id)),
  },
  {
    method: 'GET',
    pattern: `${ROOT}/tags/{tag*}`,
    auth: 'anyone',
    handle: one('get-a-release-by-tag-name', ({ state, params }, { id }) =>
      state.releases.byTag(id, params.tag ?? ''),
    ),
  },
  {
    method: 'GET',
    pattern: `${ROOT}/{id}`,
    auth: 'anyone',
    handle: one('get-a-release', (context, repository) =>
      namedRelease(context, repository, `${RELEASES}#get-a-release`),
    ),
  },
  { method: 'PATCH', pattern: `${ROOT}/{id}`, auth: 'anyone', handle: update },
  { method: 'DELETE', pattern: `${ROOT}/{id}`, auth: 'anyone', handle: remove },
];
