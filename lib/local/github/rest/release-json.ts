import type { Repository } from '../directory.ts';
import type { Release, ReleaseAsset } from '../release-store.ts';
import { timestamp } from './app-json.ts';
import { botJson } from './bot.ts';
import type { RestContext } from './route.ts';

/** @see https://docs.github.com/en/rest/releases/assets#get-a-release-asset */
export const assetJson = (
  context: RestContext,
  { owner, name }: Repository,
  release: Release,
  asset: ReleaseAsset,
) => ({
  id: asset.id,
  node_id: `RA_${asset.id}`,
  url: `${context.apiUrl}/repos/${owner}/${name}/releases/assets/${asset.id}`,
  browser_download_url: `${context.url}/${owner}/${name}/releases/download/${encodeURIComponent(release.tag)}/${encodeURIComponent(asset.name)}`,
  name: asset.name,
  label: asset.label,
  state: 'uploaded',
  content_type: asset.contentType,
  size: asset.size,
  digest: `sha256:${asset.oid}`,
  download_count: 0,
  uploader: botJson(context, release.author),
  created_at: timestamp(asset.createdAt),
  updated_at: timestamp(asset.createdAt),
});

/** @see https://docs.github.com/en/rest/releases/releases#get-a-release */
export const releaseJson = (context: RestContext, repository: Repository, release: Release) => {
  const { owner, name } = repository;
  const api = `${context.apiUrl}/repos/${owner}/${name}`;
  const uploads = `${context.addresses.uploads}/repos/${owner}/${name}/releases/${release.id}/assets`;
  return {
    id: release.id,
    node_id: `RE_${release.id}`,
    url: `${api}/releases/${release.id}`,
    html_url: `${context.url}/${owner}/${name}/releases/tag/${encodeURIComponent(release.tag)}`,
    assets_url: `${api}/releases/${release.id}/assets`,
    upload_url: `${uploads}{?name,label}`,
    tarball_url: release.draft ? null : `${api}/tarball/${release.tag}`,
    zipball_url: release.draft ? null : `${api}/zipball/${release.tag}`,
    tag_name: release.tag,
    target_commitish: release.target,
    name: release.name,
    body: release.body,
    draft: release.draft,
    prerelease: release.prerelease,
    author: botJson(context, release.author),
    created_at: timestamp(release.createdAt),
    published_at: release.publishedAt === undefined ? null : timestamp(release.publishedAt),
    assets: release.assets.map((asset) => assetJson(context, repository, release, asset)),
  };
};
