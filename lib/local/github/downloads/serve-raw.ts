import { pipeline } from 'node:stream/promises';
import { isTreePath, listPath, readBlob } from '../git/repository-content.ts';
import { GitHubError } from '../github-error.ts';
import { type DownloadRequest, readableRepository, segmentsOf, splitRef } from './download-request.ts';

const POINTER = /^version https:\/\/git-lfs\.github\.com\/spec\/v1\noid sha256:([\da-f]{64})\nsize (\d+)\n$/;

const notFound = () => new GitHubError(404, '404: Not Found');

/** A file of a commit: `/{owner}/{repo}/{ref}/{path}`. */
const readFile = async (options: DownloadRequest, segments: readonly string[]) => {
  const [owner = '', name = '', ...rest] = segments;
  const repository = readableRepository(options, owner, name);
  const found = await splitRef(options.state, repository, rest);
  if (!found || !isTreePath(found.rest)) throw notFound();
  const { git } = options.state;
  const entry = await listPath(git, repository.id, found.commit, found.rest);
  if (entry?.kind !== 'file' || entry.entry.type !== 'blob') throw notFound();
  return { repository, content: await readBlob(git, repository.id, entry.entry.sha) };
};

const sendText = ({ request, response }: DownloadRequest, content: Buffer): void => {
  const type = content.includes(0) ? 'application/octet-stream' : 'text/plain; charset=utf-8';
  response.writeHead(200, {
    'content-type': type,
    'content-length': content.length,
    'x-content-type-options': 'nosniff',
  });
  response.end(request.method === 'HEAD' ? undefined : content);
};

/** The host of raw files: a pointer of Git LFS as it stands in the repository. */
export const serveRaw = async (options: DownloadRequest): Promise<void> => {
  const { content } = await readFile(options, segmentsOf(options.path));
  sendText(options, content);
};

/** The host of media, `/media/{owner}/{repo}/{ref}/{path}`: what a pointer of Git LFS stands for. */
export const serveMedia = async (options: DownloadRequest): Promise<void> => {
  const [media, ...segments] = segmentsOf(options.path);
  if (media !== 'media') throw notFound();
  const { repository, content } = await readFile(options, segments);
  const [, oid] = POINTER.exec(content.subarray(0, 1024).toString('latin1')) ?? [];
  if (oid === undefined) return sendText(options, content);
  const { state, request, response } = options;
  const size = await state.lfsObjects.size(repository.id, oid);
  if (size === undefined) throw notFound();
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': size });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  await pipeline(state.lfsObjects.read(repository.id, oid), response).catch(() => response.destroy());
};
