import { type Asked, EVERYTHING, POLICY } from '../server/scene.ts';
import { type Attack, attacks, type Setting } from './attack.ts';
import { asked, json } from './shots.ts';

const OWN = '/repos/my-org/my-repo';
const SHA = '1'.repeat(40);
const ALL = EVERYTHING.permissions;
const ANY = { policy: EVERYTHING };

/** Every permission, and the refs of the usual profile. */
const policy = { ...POLICY, permissions: ALL };
/** A GitHub whose default branch, and whose every pull request, is one that is not allowed. */
const onDev: Setting['onRequest'] = ({ target }, response) => {
  const repo = { full_name: 'my-org/my-repo', default_branch: 'dev' };
  const branch = { ref: 'dev', repo };
  response.end(JSON.stringify(target.includes('/pulls/') ? { base: branch, head: branch } : repo));
};

const moved = (title: string, rule: Attack['rule'], request: Asked): Attack => ({
  title,
  shot: asked(request),
  rule,
  under: { policy, onRequest: onDev },
  control: { under: { ...ANY, onRequest: onDev } },
});

const CREATED = { ref: 'refs/heads/main', sha: SHA };

const SOUND = { shot: asked(json(`${OWN}/git/refs`, CREATED)) };

/** Under a policy that allows every ref, so that it is the form alone. */
const formed = (title: string, rule: Attack['rule'], request: Asked): Attack => ({
  title,
  shot: asked(request),
  rule,
  under: ANY,
  control: SOUND,
});

const dev = { ref: 'refs/heads/dev', sha: SHA };
const text = (body: string, type = 'application/json'): Asked => ({
  ...json(`${OWN}/git/refs`, body),
  headers: { 'content-type': type },
});

attacks('refs over REST', [
  moved('a new branch', 'ref', json(`${OWN}/git/refs`, dev)),
  moved('a new tag', 'ref', json(`${OWN}/git/refs`, { ...dev, ref: 'refs/tags/v1' })),
  moved('a branch', 'ref', json(`${OWN}/git/refs/heads/dev`, { sha: SHA }, 'PATCH')),
  moved('a branch with an encoded slash', 'ref', json(`${OWN}/git/refs/heads%2Fdev`, { sha: SHA }, 'PATCH')),
  moved('a branch with an encoded letter', 'ref', json(`${OWN}/git/refs/heads/d%65v`, { sha: SHA }, 'PATCH')),
  moved(
    'an allowed branch by force',
    'force',
    json(`${OWN}/git/refs/heads/main`, { sha: SHA, force: true }, 'PATCH'),
  ),
  moved('an allowed branch away', 'deletion', { method: 'DELETE', target: `${OWN}/git/refs/heads/main` }),
  moved(
    'a branch in a key that stands twice',
    'ref',
    text(`{"ref":"refs/heads/main","ref":"refs/heads/dev","sha":"${SHA}"}`),
  ),
  moved('a branch in an escaped key', 'ref', text(`{"\\u0072ef":"refs/heads/dev","sha":"${SHA}"}`)),
  moved('a branch in an escaped value', 'ref', text(`{"ref":"refs/heads/\\u0064ev","sha":"${SHA}"}`)),
  moved('a branch in another type of content', 'ref', text(JSON.stringify(dev), 'text/plain')),
  moved(
    'a file on a branch',
    'ref',
    json(`${OWN}/contents/x`, { message: 'x', content: '', branch: 'dev' }, 'PUT'),
  ),
  moved(
    'a file on the default branch',
    'ref',
    json(`${OWN}/contents/x`, { message: 'x', content: '' }, 'PUT'),
  ),
  moved(
    'a file on the default branch, by null',
    'ref',
    json(`${OWN}/contents/x`, { message: 'x', content: '', branch: null }, 'PUT'),
  ),
  moved('a file away', 'ref', json(`${OWN}/contents/x`, { message: 'x', sha: SHA, branch: 'dev' }, 'DELETE')),
  moved('a merge', 'ref', json(`${OWN}/merges`, { base: 'dev', head: 'main' })),
  moved('what upstream has', 'ref', json(`${OWN}/merge-upstream`, { branch: 'dev' })),
  moved('a pull request', 'ref', json(`${OWN}/pulls/7/merge`, {}, 'PUT')),
  moved('a pull request, by an empty body', 'ref', { method: 'PUT', target: `${OWN}/pulls/7/merge` }),
  moved('the branch of a pull request', 'ref', json(`${OWN}/pulls/7/update-branch`, {}, 'PUT')),
  moved(
    'a new pull request into a branch',
    'ref',
    json(`${OWN}/pulls`, { title: 'x', head: 'main', base: 'dev' }),
  ),
  moved('another base of a pull request', 'ref', json(`${OWN}/pulls/7`, { base: 'dev' }, 'PATCH')),
  moved('another name for a branch', 'ref', json(`${OWN}/branches/dev/rename`, { new_name: 'main' })),
  moved(
    'another name for an allowed branch',
    'deletion',
    json(`${OWN}/branches/main/rename`, { new_name: 'release/1' }),
  ),
  {
    ...moved('a name that is not allowed', 'ref', json(`${OWN}/branches/main/rename`, { new_name: 'dev' })),
    under: { policy: { ...policy, guard: { ...policy.guard, allowDeletions: true } } },
  },
  moved('a release', 'ref', json(`${OWN}/releases`, { tag_name: 'v1' })),
  moved('a release under another tag', 'ref', json(`${OWN}/releases/1`, { tag_name: 'v1' }, 'PATCH')),
  moved('a workflow of a branch', 'ref', json(`${OWN}/actions/workflows/x.yml/dispatches`, { ref: 'dev' })),
  moved('the workflows of the default branch', 'ref', json(`${OWN}/dispatches`, { event_type: 'x' })),
  {
    title: 'a pull request from a repository that is not allowed',
    shot: asked(json(`${OWN}/pulls`, { title: 'x', head: 'other:main', base: 'main' })),
    rule: 'repo',
    under: { policy },
    control: { under: ANY },
  },
  {
    title: 'a pull request whose base GitHub does not tell',
    shot: asked(json(`${OWN}/pulls/7/merge`, {}, 'PUT')),
    rule: 'upstream',
    under: { policy, onRequest: (_, response) => void response.writeHead(404).end('{}') },
    control: {
      under: {
        policy,
        onRequest: (_, response) => {
          const branch = { ref: 'main', repo: { full_name: 'my-org/my-repo' } };
          response.end(JSON.stringify({ base: branch, head: branch }));
        },
      },
    },
  },
  formed('a branch in the query', 'route', json(`${OWN}/git/refs?ref=refs/heads/dev`, CREATED)),
  formed(
    'a branch in a form',
    'body',
    text(`ref=refs/heads/dev&sha=${SHA}`, 'application/x-www-form-urlencoded'),
  ),
  formed('a body in UTF-16', 'body', { ...text(''), body: Buffer.from(JSON.stringify(dev), 'utf16le') }),
  formed('a body with a byte order mark', 'body', text(`\ufeff${JSON.stringify(dev)}`)),
  formed('two bodies', 'body', text(JSON.stringify(CREATED) + JSON.stringify(dev))),
  formed('a list of bodies', 'body', text(JSON.stringify([CREATED, dev]))),
  formed('a body with a comment', 'body', text(`/* */${JSON.stringify(dev)}`)),
  formed('a ref as a list', 'body', json(`${OWN}/git/refs`, { ...dev, ref: ['refs/heads/dev'] })),
  formed(
    'a parameter that GitHub does not document',
    'body',
    json(`${OWN}/git/refs`, { ...CREATED, branch: 'dev' }),
  ),
  formed(
    'a ref with dot segments',
    'body',
    json(`${OWN}/git/refs`, { ...dev, ref: 'refs/heads/main/../dev' }),
  ),
  formed('a ref with a NUL', 'body', json(`${OWN}/git/refs`, { ...dev, ref: 'refs/heads/main\0dev' })),
  formed(
    'a branch by its whole name, as a short one',
    'body',
    json(`${OWN}/merges`, { base: 'refs/heads/dev', head: 'x' }),
  ),
  formed(
    'an id of zeros, which deletes',
    'body',
    json(`${OWN}/git/refs/heads/main`, { sha: '0'.repeat(40) }, 'PATCH'),
  ),
  formed('force as text', 'body', json(`${OWN}/git/refs/heads/main`, { sha: SHA, force: 'true' }, 'PATCH')),
  formed(
    'a ref whose name begins with refs twice',
    'route',
    json(`${OWN}/git/refs/refs/heads/dev`, { sha: SHA }, 'PATCH'),
  ),
  formed(
    'a ref with an encoded dot segment',
    'path',
    json(`${OWN}/git/refs/heads/main%2f..%2fdev`, { sha: SHA }, 'PATCH'),
  ),
  formed('a body in an encoding that is said twice', 'http', {
    ...text(JSON.stringify(dev)),
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip, br' },
  }),
]);
