import { pipeline } from 'node:stream/promises';
import { GitHubError } from '../github-error.ts';
import { assetLocation, findAsset } from '../rest/asset-routes.ts';
import { type DownloadRequest, readableRepository, segmentsOf } from './download-request.ts';

const notFound = () => new GitHubError(404, 'Not Found');

/** The host of release assets, for those who hold a signed URL. */
export const serveAsset = async (options: DownloadRequest): Promise<void> => {
  const { state, request, response, path, query, now } = options;
  const method = request.method === 'HEAD' ? 'GET' : (request.method ?? 'GET');
  if (!state.signedUrls.isSigned({ method, path, query, now })) throw new GitHubError(403, 'Access denied');
  const [, repository = '', id = ''] = segmentsOf(path);
  const { asset } = findAsset(state, Number(repository), id) ?? {};
  if (!asset) throw notFound();
  response.writeHead(200, {
    'content-type': asset.contentType,
    'content-length': asset.size,
    'content-disposition': `attachment; filename=${encodeURIComponent(asset.name)}`,
  });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  await pipeline(state.assets.read(Number(repository), asset.oid), response).catch(() => response.destroy());
};

const LINK = /^\/[^/]+\/[^/]+\/releases\/(?:download\/[^/]+|latest\/download)\/[^/]+$/;

/** `/releases/download/{tag}/{name}` and `/releases/latest/download/{name}` lead to an asset. Answers false for others. */
export const serveAssetLink = (options: DownloadRequest): boolean => {
  if (!LINK.test(options.path)) return false;
  const { state, response } = options;
  const [owner = '', name = '', , kind = '', middle = '', file = ''] = segmentsOf(options.path);
  const repository = readableRepository(options, owner, name);
  const release =
    kind === 'latest' ? state.releases.latest(repository.id) : state.releases.byTag(repository.id, middle);
  const asset = release?.assets.find((entry) => entry.name === file);
  if (!asset) throw notFound();
  const location = assetLocation(options, repository, asset);
  response.writeHead(302, { location, 'content-length': 0 }).end();
  return true;
};
