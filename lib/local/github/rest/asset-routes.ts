import type { GitHubAddresses } from '../addresses.ts';
import type { Repository } from '../directory.ts';
import { LIFE_SECONDS } from '../downloads/download-request.ts';
import { GitHubError } from '../github-error.ts';
import type { GitHubState } from '../github-state.ts';
import type { Release, ReleaseAsset } from '../release-store.ts';
import { invalidField } from './issue-routes.ts';
import { paginate } from './paging.ts';
import { assetJson } from './release-json.ts';
import { namedRelease } from './release-routes.ts';
import { accessRepository } from './repository-access.ts';
import type { Reply, RestContext, Route } from './route.ts';

const ASSETS = 'https://docs.github.com/rest/releases/assets';

/** Where the content of an asset is, by an URL that works for a while. */
export const assetLocation = (
  { state, addresses, now }: { state: GitHubState; addresses: GitHubAddresses; now: number },
  repository: Repository,
  asset: ReleaseAsset,
): string =>
  state.signedUrls.sign({
    base: addresses.assets,
    path: `/github-production-release-asset/${repository.id}/${asset.id}`,
    method: 'GET',
    now,
    seconds: LIFE_SECONDS,
  }).href;

/** An asset of the repository, and the release that it belongs to. */
export const findAsset = (
  state: GitHubState,
  repositoryId: number,
  id: string,
): { readonly release: Release; readonly asset: ReleaseAsset } | undefined => {
  for (const release of state.releases.list(repositoryId)) {
    const asset = release.assets.find((entry) => String(entry.id) === id);
    if (asset) return { release, asset };
  }
  return undefined;
};

const named = (context: RestContext, repository: Repository, documentation: string) => {
  const found = findAsset(context.state, repository.id, context.params.id ?? '');
  if (!found) throw new GitHubError(404, 'Not Found', { documentation });
  return found;
};

const list = (context: RestContext): Reply => {
  const documentation = `${ASSETS}#list-release-assets`;
  const repository = accessRepository(context, 'contents', 'read', documentation);
  const release = namedRelease(context, repository, documentation);
  const { items, headers } = paginate(context, release.assets);
  return { status: 200, headers, body: items.map((asset) => assetJson(context, repository, release, asset)) };
};

const get = (context: RestContext): Reply => {
  const documentation = `${ASSETS}#get-a-release-asset`;
  const repository = accessRepository(context, 'contents', 'read', documentation);
  const { release, asset } = named(context, repository, documentation);
  if (String(context.headers.accept).includes('application/octet-stream'))
    return { status: 302, headers: { location: assetLocation(context, repository, asset) } };
  return { status: 200, body: assetJson(context, repository, release, asset) };
};

const remove = (context: RestContext): Reply => {
  const documentation = `${ASSETS}#delete-a-release-asset`;
  const repository = accessRepository(context, 'contents', 'write', documentation);
  const { release, asset } = named(context, repository, documentation);
  context.state.releases.save({ ...release, assets: release.assets.filter(({ id }) => id !== asset.id) });
  return { status: 204 };
};

const upload = async (context: RestContext): Promise<Reply> => {
  const documentation = `${ASSETS}#upload-a-release-asset`;
  const repository = accessRepository(context, 'contents', 'write', documentation);
  const { id } = namedRelease(context, repository, documentation);
  const name = context.query.get('name') ?? '';
  if (!/^[\w.+-]{1,255}$/.test(name)) throw invalidField(documentation, 'ReleaseAsset', 'name', 'invalid');
  const { assets, releases } = context.state;
  const stored = await assets.write(repository.id, context.content);
  // As it is after the upload: others may have come meanwhile.
  const release = releases.list(repository.id).find((entry) => entry.id === id);
  if (!stored || !release) throw new GitHubError(404, 'Not Found', { documentation });
  if (release.assets.some((asset) => asset.name === name))
    throw invalidField(documentation, 'ReleaseAsset', 'name', 'already_exists');
  const asset: ReleaseAsset = {
    id: releases.nextId(),
    name,
    label: context.query.get('label') ?? '',
    contentType: String(context.headers['content-type'] ?? 'application/octet-stream'),
    ...stored,
    createdAt: context.now,
  };
  releases.save({ ...release, assets: [...release.assets, asset] });
  return { status: 201, body: assetJson(context, repository, release, asset) };
};

const ROOT = '/repos/{owner}/{repo}/releases';

/** The files of releases. */
export const assetRoutes: readonly Route[] = [
  { method: 'GET', pattern: `${ROOT}/{id}/assets`, auth: 'anyone', handle: list },
  { method: 'GET', pattern: `${ROOT}/assets/{id}`, auth: 'anyone', handle: get },
  { method: 'DELETE', pattern: `${ROOT}/assets/{id}`, auth: 'anyone', handle: remove },
];

/** What the host of uploads serves: the rest of REST is not there. */
export const uploadRoutes: readonly Route[] = [
  { method: 'POST', pattern: `${ROOT}/{id}/assets`, auth: 'anyone', handle: upload },
];
