import { pipeline } from 'node:stream/promises';
import { GitHubError } from '../github-error.ts';
import { readJsonBody } from '../rest/json-body.ts';
import { LFS_JSON, type StorageRequest } from './lfs-request.ts';

const checkSigned = ({ state, request, path, query, now }: StorageRequest): void => {
  const method = request.method ?? 'GET';
  const header = request.headers.authorization;
  if (!state.signedUrls.isSigned({ method, path, query, now }, { header }))
    throw new GitHubError(403, 'Access denied');
};

/** The objects of Git LFS, for those who hold a URL and the header that came with it. */
export const serveLfsObject = async (options: StorageRequest): Promise<void> => {
  const { state, request, response, path } = options;
  checkSigned(options);
  const [, id = '', oid = ''] = /^\/alambic\/media\/(\d+)\/([\da-f]{64})$/.exec(path) ?? [];
  const repositoryId = Number(id);
  if (request.method === 'PUT') {
    const kept = await state.lfsObjects.write(repositoryId, request, oid);
    if (!kept) throw new GitHubError(400, 'The content is not what its oid says');
    response.writeHead(200, { 'content-length': 0 }).end();
    return;
  }
  const size = await state.lfsObjects.size(repositoryId, oid);
  if (size === undefined) throw new GitHubError(404, 'Not Found');
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': size });
  await pipeline(state.lfsObjects.read(repositoryId, oid), response).catch(() => response.destroy());
};

/** What an upload is followed by: whether the object has come, and whole. */
export const serveLfsVerify = async (options: StorageRequest): Promise<void> => {
  const { state, request, response, path } = options;
  checkSigned(options);
  const [, owner = '', name = ''] = /^\/([^/]+)\/([^/]+)\/verify$/.exec(path) ?? [];
  const repository = state.directory.repository(owner, name);
  const { oid, size } = await readJsonBody(request);
  const held = repository && (await state.lfsObjects.size(repository.id, String(oid)));
  const [status, body] =
    held === undefined
      ? [404, { message: 'Object does not exist' }]
      : held === size
        ? [200, {}]
        : [422, { message: `The object has ${held} bytes, not ${size}` }];
  response.writeHead(status, { 'content-type': LFS_JSON }).end(JSON.stringify(body));
};
