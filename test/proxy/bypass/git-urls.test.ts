import { type Asked, EVERYTHING, POLICY } from '../server/scene.ts';
import { type Attack, attacks } from './attack.ts';
import { asked, connecting, within } from './shots.ts';
import { helloFor } from './tunnelled.ts';

const SERVICE = '?service=git-upload-pack';
const get = (target: string): Asked => ({ host: 'github.com', target });
const fetching = (repo: string) => asked(get(`${repo}/info/refs${SERVICE}`));

const OWN = fetching('/my-org/my-repo.git');
const PUSHING = asked(get('/my-org/my-repo.git/info/refs?service=git-receive-pack'));
const READ_ONLY = { policy: { ...POLICY, permissions: { contents: 'read' } } } as const;

const spelled = (title: string, repo: string): Attack => ({
  title,
  shot: fetching(repo),
  rule: 'path',
  control: { shot: OWN },
});

const notGits = (title: string, ...requests: readonly Asked[]): Attack => ({
  title,
  shot: asked(...requests),
  rule: 'route',
  control: { shot: OWN },
});

const MOVED = (to: string) => ({
  onRequest: ({ target }: { readonly target: string }, response: import('node:http').ServerResponse) => {
    const isFirst = target.startsWith('/my-org/my-repo');
    response.writeHead(isFirst ? 301 : 200, isFirst ? { location: to } : {}).end();
  },
});

attacks('git URLs', [
  {
    title: 'another repository of the same owner',
    shot: fetching('/my-org/their-repo.git'),
    rule: 'repo',
    control: { under: { policy: EVERYTHING } },
  },
  {
    title: 'a repository of the same name elsewhere',
    shot: fetching('/other-org/my-repo'),
    rule: 'repo',
    control: { under: { policy: EVERYTHING } },
  },
  {
    title: 'an owner that begins as the allowed one does',
    shot: fetching('/my-org-two/my-repo'),
    rule: 'repo',
    under: { policy: { ...POLICY, allowedRepos: ['my-org/*'] } },
    control: { shot: fetching('/my-org/any-repo') },
  },
  {
    title: 'the wiki of an allowed repository',
    shot: fetching('/my-org/my-repo.wiki.git'),
    rule: 'repo',
    under: { policy: { ...POLICY, allowedRepos: ['my-org/*'] } },
    control: { under: { policy: { ...POLICY, allowedRepos: ['my-org/my-repo.wiki'] } } },
  },
  {
    title: 'any repository where the profile names none',
    shot: OWN,
    rule: 'repo',
    under: { policy: { ...POLICY, allowedRepos: [] } },
    control: { under: { policy: POLICY } },
  },
  {
    title: 'a gist, which the profile names among other hosts',
    shot: connecting('gist.github.com:443'),
    rule: 'host',
    under: { policy: { ...POLICY, allowedHosts: ['gist.github.com'] } },
    control: {
      shot: within('gist.example.com:443', helloFor('gist.example.com')),
      under: { policy: { ...POLICY, allowedHosts: ['gist.example.com'] } },
    },
  },
  spelled('dot segments out of the allowed repository', '/my-org/my-repo/../their-repo.git'),
  spelled('dot segments that are percent-encoded', '/my-org/my-repo/%2e%2e/their-repo.git'),
  spelled('dot segments that are half encoded', '/my-org/my-repo/.%2E/their-repo.git'),
  spelled('dot segments that are encoded twice', '/my-org/my-repo/%252e%252e/their-repo.git'),
  spelled('dot segments in overlong UTF-8', '/my-org/my-repo/%c0%ae%c0%ae/their-repo.git'),
  spelled('a dot segment with a parameter', '/my-org/my-repo/..;/their-repo.git'),
  spelled('a backslash for a slash', '/my-org/my-repo\\..\\their-repo.git'),
  spelled('an encoded backslash', '/my-org/my-repo%5c..%5ctheir-repo.git'),
  spelled('an encoded slash between owner and name', '/my-org%2fmy-repo/their-repo.git'),
  spelled('an encoded letter in the name', '/my-org/m%79-repo.git'),
  spelled('an empty segment before the owner', '//other-org/my-repo.git'),
  spelled('an empty segment before the name', '/my-org//my-repo.git'),
  spelled('a NUL that ends the name', '/my-org/my-repo%00/their-repo.git'),
  spelled('a line end within the name', '/my-org/my-repo%0d%0a.git'),
  spelled('a semicolon that ends the name', '/my-org/my-repo;/their-repo.git'),
  spelled('.git twice', '/my-org/my-repo.git.git'),
  spelled('.GIT in capitals', '/my-org/my-repo.GIT'),
  spelled('a dot behind the name', '/my-org/my-repo.'),
  spelled('letters that only look like those of the owner', '/my%E2%80%90org/my-repo.git'),
  notGits(
    'a second service behind the first',
    get(`/my-org/my-repo/info/refs${SERVICE}&service=git-receive-pack`),
  ),
  notGits('a service in other letters', get('/my-org/my-repo/info/refs?service=git%2dreceive-pack')),
  notGits('dumb HTTP', get('/my-org/my-repo.git/info/refs'), get('/my-org/my-repo.git/objects/info/packs')),
  notGits('git-upload-archive', { ...get('/my-org/my-repo.git/git-upload-archive'), method: 'POST' }),
  notGits('a push by GET', get('/my-org/my-repo.git/git-receive-pack')),
  notGits('a push with a query', { ...get('/my-org/my-repo.git/git-receive-pack?x'), method: 'POST' }),
  notGits('a service behind a slash', get(`/my-org/my-repo.git/info/refs/${SERVICE}`)),
  notGits('Subversion', { ...get('/my-org/my-repo/!svn/vcc/default'), method: 'POST' }),
  {
    title: 'a push where only reading is allowed',
    shot: PUSHING,
    rule: 'permission',
    under: READ_ONLY,
    control: { under: { policy: POLICY } },
  },
  {
    title: 'the body of a push where only reading is allowed',
    shot: asked({ ...get('/my-org/my-repo.git/git-receive-pack'), method: 'POST', body: '0000' }),
    rule: 'permission',
    under: READ_ONLY,
    control: { under: { policy: POLICY } },
  },
  {
    title: 'a renamed repository that GitHub redirects to another',
    shot: asked(
      get(`/my-org/my-repo.git/info/refs${SERVICE}`),
      get(`/new-org/moved.git/info/refs${SERVICE}`),
    ),
    before: 1,
    rule: 'repo',
    under: MOVED('https://github.com/new-org/moved.git/info/refs?service=git-upload-pack'),
    control: { under: { policy: EVERYTHING } },
  },
]);
