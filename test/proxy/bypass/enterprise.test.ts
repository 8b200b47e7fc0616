import { type Asked, EVERYTHING, POLICY } from '../server/scene.ts';
import { type Attack, attacks, type Setting } from './attack.ts';
import { asked, connecting, json, within } from './shots.ts';
import { helloFor } from './tunnelled.ts';

const HOST = 'ghe.example.com';
const endpoints: Setting['endpoints'] = [{ git: `https://${HOST}`, api: `https://${HOST}/api/v3` }];
const USUAL: Setting = { endpoints, policy: POLICY };
const ANY: Setting = { endpoints, policy: EVERYTHING };

/** A server on a port of its own, and a profile that allows every host of its domain. */
const ON_ITS_OWN_PORT: Setting = {
  endpoints: [{ git: `https://${HOST}:8443`, api: `https://${HOST}:8443/api/v3` }],
  policy: { ...EVERYTHING, allowedHosts: ['*.example.com'] },
};

const OWN = '/api/v3/repos/my-org/my-repo';
const at = (target: string, more: Partial<Asked> = {}): Asked => ({ host: HOST, target, ...more });
const SOUND = { shot: asked(at(OWN)) };

const others = (title: string, target: string, more: Partial<Asked> = {}): Attack => ({
  title,
  shot: asked(at(target, more)),
  rule: 'repo',
  under: USUAL,
  control: { under: ANY },
});

const misread = (title: string, rule: Attack['rule'], target: string, more: Partial<Asked> = {}): Attack => ({
  title,
  shot: asked(at(target, more)),
  rule,
  under: ANY,
  control: SOUND,
});

attacks('GitHub Enterprise Server, where one host is all of it', [
  others('another repository', '/api/v3/repos/my-org/their-repo'),
  others('git of another repository', '/my-org/their-repo.git/info/refs?service=git-upload-pack'),
  others('a file of another repository', '/raw/my-org/their-repo/main/x'),
  others('an archive of another repository', '/codeload/my-org/their-repo/zip/main'),
  others('an LFS file of another repository', '/media/my-org/their-repo/main/x'),
  others('an asset of another repository', '/api/uploads/repos/my-org/their-repo/releases/1/assets?name=x', {
    method: 'POST',
    body: 'x',
  }),
  {
    title: 'GraphQL where the profile allows none',
    shot: asked({ ...json('/api/graphql', { query: '{viewer{login}}' }), host: HOST }),
    rule: 'graphql',
    under: USUAL,
    control: { under: ANY },
  },
  misread('the API without its prefix', 'route', '/repos/my-org/my-repo'),
  misread('the API under the prefix in capitals', 'path', '/API/v3/repos/my-org'),
  misread('the API under an encoded prefix', 'path', '/api%2fv3/repos/my-org/my-repo'),
  misread('the API under another version', 'path', '/api/v4/repos/my-org/my-repo'),
  misread('the API with an empty segment', 'path', '/api//v3/repos/my-org/my-repo'),
  misread('dot segments from the API to a page', 'path', '/api/v3/../../my-org/my-repo/settings'),
  misread('dot segments from a file to the API', 'path', '/raw/../api/v3/user/repos'),
  misread('a gist', 'path', '/gist/someone/0123456789abcdef/raw'),
  misread('the management console', 'route', '/setup/api/settings/license'),
  misread('what an administrator may', 'route', '/api/v3/admin/users', { method: 'POST', body: '{}' }),
  misread("a session in an administrator's place", 'route', '/api/v3/admin/users/other/authorizations', {
    method: 'POST',
    body: '{}',
  }),
  misread('avatars', 'path', '/avatars/u/1/x'),
  misread('packages', 'path', '/_registry/npm/my-org/x'),
  misread('a page of pages', 'path', '/pages/my-org/my-repo/index.html'),
  misread('storage that was not handed out', 'signed-url', '/storage/lfs/1/objects/x'),
  {
    title: 'github.com, where it is not the one that is configured',
    shot: connecting('api.github.com:443'),
    rule: 'host',
    under: ANY,
    control: { shot: asked({ target: '/repos/my-org/my-repo' }), under: { policy: EVERYTHING } },
  },
  {
    title: 'another server of the same domain',
    shot: connecting('admin.ghe.example.com:443'),
    rule: 'host',
    under: ANY,
    control: {
      shot: asked({
        host: `uploads.${HOST}`,
        method: 'POST',
        body: 'x',
        target: '/repos/my-org/my-repo/releases/1/assets?name=x',
      }),
    },
  },
  {
    title: 'the usual port of a server that has another, where a wildcard covers its name',
    shot: within(`${HOST}:443`, helloFor(HOST)),
    rule: 'host',
    under: ON_ITS_OWN_PORT,
    control: { shot: within('other.example.com:443', helloFor('other.example.com')) },
  },
  {
    title: 'the port of the management console',
    shot: connecting(`${HOST}:8443`),
    rule: 'host',
    under: ANY,
    control: SOUND,
  },
]);
