import { LIFE_SECONDS } from '../downloads/download-request.ts';
import { accessRepository } from './repository-access.ts';
import type { Reply, RestContext, Route } from './route.ts';

const DOCUMENTATION = 'https://docs.github.com/rest/repos/contents#download-a-repository-archive-tar';

/** Leads to the host of archives, by an URL that works for a while. A ref that is not there is 404 only there. */
const archive = (context: RestContext, kind: 'legacy.tar.gz' | 'legacy.zip'): Reply => {
  const { owner, name } = accessRepository(context, 'contents', 'read', DOCUMENTATION);
  const ref = (context.params.ref ?? '').split('/').map(encodeURIComponent).join('/');
  const { href } = context.state.signedUrls.sign({
    base: context.addresses.codeload,
    path: `/${owner}/${name}/${kind}${ref === '' ? '' : `/${ref}`}`,
    method: 'GET',
    now: context.now,
    seconds: LIFE_SECONDS,
    asToken: true,
  });
  return { status: 302, headers: { location: href } };
};

const route = (pattern: string, kind: 'legacy.tar.gz' | 'legacy.zip'): Route => ({
  method: 'GET',
  pattern: `/repos/{owner}/{repo}/${pattern}`,
  auth: 'anyone',
  handle: (context) => archive(context, kind),
});

/** Archives of a commit. */
export const archiveRoutes: readonly Route[] = [
  route('tarball', 'legacy.tar.gz'),
  route('tarball/{ref*}', 'legacy.tar.gz'),
  route('zipball', 'legacy.zip'),
  route('zipball/{ref*}', 'legacy.zip'),
];
