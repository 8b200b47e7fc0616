import type { Repository } from '../directory.ts';
import type { Release } from '../release-store.ts';
import { releaseJson } from '../rest/release-json.ts';
import type { RestContext } from '../rest/route.ts';
import { connection, type PageArguments } from './connection.ts';

/** A published release. */
export const releaseView = (context: RestContext, repository: Repository, release: Release) => {
  const json = releaseJson(context, repository, release);
  return {
    __typename: 'Release',
    id: json.node_id,
    databaseId: json.id,
    name: json.name,
    tagName: json.tag_name,
    description: json.body,
    url: json.html_url,
    author: null,
    isDraft: json.draft,
    isLatest: context.state.releases.latest(repository.id)?.id === release.id,
    isPrerelease: json.prerelease,
    createdAt: json.created_at,
    publishedAt: json.published_at,
    releaseAssets: (args: PageArguments) =>
      connection('releaseAssets', args, json.assets, (asset) => ({
        __typename: 'ReleaseAsset',
        id: asset.node_id,
        name: asset.name,
        size: asset.size,
        contentType: asset.content_type,
        downloadUrl: asset.browser_download_url,
        url: asset.browser_download_url,
      })),
  };
};
