import { pipeline } from 'node:stream/promises';
import { defaultBranch } from '../git/move-refs.ts';
import { resolveCommit } from '../git/repository-content.ts';
import { GitHubError } from '../github-error.ts';
import { type DownloadRequest, readableRepository, segmentsOf } from './download-request.ts';

const KINDS: Readonly<Record<string, 'tar.gz' | 'zip'>> = {
  'tar.gz': 'tar.gz',
  zip: 'zip',
  'legacy.tar.gz': 'tar.gz',
  'legacy.zip': 'zip',
};

const TYPES = { 'tar.gz': 'application/x-gzip', zip: 'application/zip' } as const;

/**
 * The host of archives: `/{owner}/{repo}/{tar.gz|zip|legacy.tar.gz|legacy.zip}/{ref}`, made by `git archive`. The
 * legacy ones are those that REST leads to; their folder is named for the commit.
 */
export const serveArchive = async (options: DownloadRequest): Promise<void> => {
  const { state, request, response } = options;
  const [owner = '', name = '', kind = '', ...ref] = segmentsOf(options.path);
  const format = KINDS[kind];
  if (!format) throw new GitHubError(404, 'Not Found');
  const repository = readableRepository(options, owner, name);
  const { git } = state;
  const named = ref.join('/').replace(/^refs\/(?:heads|tags)\//, '') || defaultBranch(git, repository.id);
  const commit = await resolveCommit(git, repository.id, named);
  if (commit === undefined) throw new GitHubError(404, 'Not Found');
  const folder = kind.startsWith('legacy')
    ? `${repository.owner}-${repository.name}-${commit.slice(0, 7)}`
    : `${repository.name}-${named.replaceAll('/', '-').replace(/^v(?=\d)/, '')}`;
  response.writeHead(200, {
    'content-type': TYPES[format],
    'content-disposition': `attachment; filename=${encodeURIComponent(folder)}.${format}`,
    etag: `"${commit}"`,
  });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  const child = git.start(repository.id, ['archive', `--format=${format}`, `--prefix=${folder}/`, commit]);
  child.stdin.on('error', () => {}).end();
  child.stderr.resume();
  await pipeline(child.stdout, response).catch(() => response.destroy());
  child.kill();
};
