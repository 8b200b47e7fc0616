import {
  type DownloadRequest,
  readableRepository,
  redirect,
  segmentsOf,
  splitRef,
} from './download-request.ts';

const encoded = (text: string): string => text.split('/').map(encodeURIComponent).join('/');

/** What a path of the pages leads to: an archive or a raw file on its own host. */
const LINK = /^\/[^/]+\/[^/]+\/(?:archive|tarball|zipball|raw)\/.+$/;

/**
 * The links to files below a repository's page: `/archive/{ref}.tar.gz`, `/tarball/{ref}`, `/zipball/{ref}`,
 * `/raw/{ref}/{path}`. They redirect. Answers false for a path that is none of theirs.
 */
export const serveDownloads = async (options: DownloadRequest): Promise<boolean> => {
  if (!LINK.test(options.path)) return false;
  const { addresses } = options;
  const [owner = '', name = '', kind = '', ...rest] = segmentsOf(options.path);
  const repository = readableRepository(options, owner, name);
  const base = `/${repository.owner}/${repository.name}`;
  const ref = rest.join('/');
  if (kind === 'raw') {
    const found = await splitRef(options.state, repository, rest);
    if (!found) return false;
    redirect(options, addresses.raw, `${base}/${encoded(ref)}`);
    return true;
  }
  const [, named = ref, format = ''] = /^(.+)\.(tar\.gz|zip)$/.exec(ref) ?? [];
  const of = { archive: format, tarball: 'legacy.tar.gz', zipball: 'legacy.zip' }[kind];
  if (!of) return false;
  redirect(options, addresses.codeload, `${base}/${of}/${encoded(kind === 'archive' ? named : ref)}`);
  return true;
};
