import { type Asked, EVERYTHING, POLICY } from '../server/scene.ts';
import { type Attack, attacks } from './attack.ts';
import { asked } from './shots.ts';

const WEB = 'github.com';
const RAW = 'raw.githubusercontent.com';
const CODELOAD = 'codeload.github.com';
const MEDIA = 'media.githubusercontent.com';
const UPLOADS = 'uploads.github.com';
const ANY = { policy: EVERYTHING };
const ARCHIVE = '/my-org/my-repo/archive/main.zip';

const others = (title: string, host: string, target: string, more: Partial<Asked> = {}): Attack => ({
  title,
  shot: asked({ host, target, ...more }),
  rule: 'repo',
  control: { under: ANY },
});

/** Of an allowed repository, but not so; held against what is allowed at the same host. */
const misread = (
  title: string,
  rule: Attack['rule'],
  [host, target, sound]: readonly [host: string, target: string, sound: string],
  more: Partial<Asked> = {},
): Attack => ({
  title,
  shot: asked({ host, target, ...more }),
  rule,
  under: ANY,
  control: { shot: asked({ host, target: sound }) },
});

attacks('downloads', [
  others('an archive of another repository', WEB, '/my-org/their-repo/archive/main.zip'),
  others('a release of another repository', WEB, '/my-org/their-repo/releases/download/v1/x.tgz'),
  others('a file of another repository', RAW, '/my-org/their-repo/main/x'),
  {
    ...others('a file of a wiki', RAW, '/my-org/my-repo.wiki/main/x'),
    control: { under: { policy: { ...POLICY, allowedRepos: ['my-org/my-repo.wiki'] } } },
  },
  others(
    'an archive of another repository, at its own host',
    CODELOAD,
    '/my-org/their-repo/zip/refs/heads/main',
  ),
  others('an LFS file of another repository', MEDIA, '/media/my-org/their-repo/main/x'),
  misread('an archive of the branch of a fork', 'route', [
    WEB,
    '/my-org/my-repo/archive/other:main.zip',
    ARCHIVE,
  ]),
  misread('an archive of the branch of a fork, encoded', 'route', [
    WEB,
    '/my-org/my-repo/archive/other%3Amain.zip',
    ARCHIVE,
  ]),
  misread('an archive of the branch of a fork, at its own host', 'route', [
    CODELOAD,
    '/my-org/my-repo/zip/other:main',
    '/my-org/my-repo/zip/main',
  ]),
  misread('a file of the branch of a fork', 'route', [
    RAW,
    '/my-org/my-repo/other:main/x',
    '/my-org/my-repo/main/x',
  ]),
  misread('dot segments in the path of a file', 'path', [
    RAW,
    '/my-org/my-repo/main/../../their-repo/main/x',
    '/my-org/my-repo/main/x',
  ]),
  misread('encoded dot segments in the path of a file', 'path', [
    RAW,
    '/my-org/my-repo/main/..%2f..%2ftheir-repo%2fmain%2fx',
    '/my-org/my-repo/main/x',
  ]),
  misread('a page of a wiki', 'path', [RAW, '/wiki/my-org/my-repo/x.png', '/my-org/my-repo/main/x']),
  misread('a file with another one in its query', 'route', [
    RAW,
    '/my-org/my-repo/main/x?path=y',
    '/my-org/my-repo/main/x',
  ]),
  misread('what is beside /media', 'route', [
    MEDIA,
    '/my-org/my-repo/main/x',
    '/media/my-org/my-repo/main/x',
  ]),
  misread('a page of the repository', 'route', [WEB, '/my-org/my-repo', ARCHIVE]),
  misread('its settings', 'route', [WEB, '/my-org/my-repo/settings', ARCHIVE]),
  misread('a file as a page', 'route', [WEB, '/my-org/my-repo/blob/main/x', ARCHIVE]),
  misread('a comparison with a fork as a page', 'route', [
    WEB,
    '/my-org/my-repo/compare/main...other:main.patch',
    ARCHIVE,
  ]),
  misread('a login', 'route', [WEB, '/login', ARCHIVE]),
  misread("somebody else's session", 'route', [WEB, '/session', ARCHIVE], {
    method: 'POST',
    body: 'login=x',
  }),
  misread('a token of OAuth', 'route', [WEB, '/login/oauth/access_token', ARCHIVE], {
    method: 'POST',
    body: 'x',
  }),
  misread('a code for another device', 'route', [WEB, '/login/device/code', ARCHIVE], {
    method: 'POST',
    body: 'x',
  }),
  misread('an archive with a slash at its end', 'route', [WEB, `${ARCHIVE}/`, ARCHIVE]),
  misread('an archive with a query', 'route', [WEB, `${ARCHIVE}?x=1`, ARCHIVE]),
  misread('an archive by POST', 'route', [WEB, ARCHIVE, ARCHIVE], { method: 'POST', body: 'x' }),
]);

const ASSETS = '/repos/my-org/my-repo/releases/1/assets';
const asset = { method: 'POST', host: UPLOADS, body: 'x' };

const misplaced = (
  title: string,
  target: string,
  rule: Attack['rule'] = 'route',
  more: Partial<Asked> = {},
): Attack => ({
  title,
  shot: asked({ ...asset, target, ...more }),
  rule,
  under: ANY,
  control: { shot: asked({ ...asset, target: `${ASSETS}?name=x` }) },
});

attacks('uploads', [
  others(
    'an asset of another repository',
    UPLOADS,
    '/repos/my-org/their-repo/releases/1/assets?name=x',
    asset,
  ),
  {
    title: 'an asset where only reading is allowed',
    shot: asked({ ...asset, target: `${ASSETS}?name=x` }),
    rule: 'permission',
    under: { policy: { ...POLICY, permissions: { contents: 'read' } } },
    control: { under: ANY },
  },
  misplaced('an asset without a name', ASSETS),
  misplaced('an asset with two names', `${ASSETS}?name=x&name=y`),
  misplaced('an asset with another repository in its query', `${ASSETS}?name=x&repository_id=1`),
  misplaced('an asset of the repository with a number', '/repositories/1/releases/1/assets?name=x'),
  misplaced(
    'an asset with dot segments',
    '/repos/my-org/my-repo/../their-repo/releases/1/assets?name=x',
    'path',
  ),
  misplaced(
    'an asset of a release with an encoded number',
    '/repos/my-org/my-repo/releases/%31/assets?name=x',
  ),
  misplaced('an asset by PUT', `${ASSETS}?name=x`, 'route', { method: 'PUT' }),
  misplaced('a file beside assets', '/upload/my-org/my-repo/x'),
  misplaced('an image for a comment', '/repos/my-org/my-repo/images?name=x'),
]);
