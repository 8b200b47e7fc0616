import type { ProxyPolicy } from '../../../lib/proxy/proxy-policy.ts';
import { type Asked, EVERYTHING, POLICY } from '../server/scene.ts';
import { type Attack, attacks, type Setting } from './attack.ts';
import { asked, connecting, json, plain, within } from './shots.ts';
import { helloFor } from './tunnelled.ts';

const STORAGE = 'github-cloud.githubusercontent.com';
const SIGNED = '/alambic/media/1/aa/bb?X-Amz-Signature=abc&actor_id=1';
const OID = 'a'.repeat(64);
const ELSEWHERE = 'files.example.com';
const EXAMPLE = { policy: { ...EVERYTHING, allowedHosts: [ELSEWHERE] } };
const REACHING = within(`${ELSEWHERE}:443`, helloFor(ELSEWHERE));
const redirecting: NonNullable<Setting['onRequest']> = (_, response) =>
  void response.writeHead(302, { location: `https://${ELSEWHERE}/x` }).end();

const batch = (operation: unknown, repo = 'my-org/my-repo', more: object = {}): Asked => ({
  ...json(`/${repo}.git/info/lfs/objects/batch`, { operation, objects: [{ oid: OID, size: 1 }], ...more }),
  host: 'github.com',
});

/** A GitHub that answers a batch with one URL for its object. */
const answering =
  (href: string, more: object = {}): NonNullable<Setting['onRequest']> =>
  ({ target, body }, response) => {
    if (!target.endsWith('/objects/batch')) return void response.end('content');
    const { operation } = JSON.parse(body.toString()) as { readonly operation: string };
    const action = { href, header: { Authorization: 'RemoteAuth x' }, ...more };
    const objects = [{ oid: OID, size: 1, actions: { [operation]: action } }];
    response.end(JSON.stringify({ transfer: 'basic', objects }));
  };

const under = { onRequest: answering(`https://${STORAGE}${SIGNED}`) };
const stored = (target = SIGNED, more: Partial<Asked> = {}): Asked => ({ host: STORAGE, target, ...more });
const HANDED_OUT = asked(batch('download'), stored());

/** Another policy from when the batch has been answered on. */
const changing = (later: ProxyPolicy): Setting => {
  let current = POLICY;
  const answer = answering(`https://${STORAGE}${SIGNED}`);
  return {
    policy: () => current,
    onRequest: (seen, response) => {
      current = later;
      answer(seen, response);
    },
  };
};

/** After a batch whose URL is good for one request only. */
const otherwise = (title: string, request: Asked): Attack => ({
  title,
  shot: asked(batch('download'), request),
  before: 1,
  rule: 'signed-url',
  under,
  control: { shot: HANDED_OUT },
});

attacks('signed URLs', [
  {
    title: "a storage URL that the proxy did not hand out, with somebody else's signature",
    shot: asked(stored()),
    rule: 'signed-url',
    under: { ...under, policy: EVERYTHING },
    control: { shot: HANDED_OUT },
  },
  {
    title: 'a storage URL without a signature',
    shot: asked({ host: 'objects.githubusercontent.com', target: '/x' }),
    rule: 'signed-url',
    under: { ...under, policy: EVERYTHING },
    control: { shot: HANDED_OUT },
  },
  otherwise('an upload by the URL of a download', stored(SIGNED, { method: 'PUT', body: 'x' })),
  otherwise('a POST by the URL of a download', stored(SIGNED, { method: 'POST', body: 'x' })),
  otherwise('another parameter', stored(`${SIGNED}&response-content-type=text/html`)),
  otherwise('another order of parameters', stored('/alambic/media/1/aa/bb?actor_id=1&X-Amz-Signature=abc')),
  otherwise('no parameters', stored('/alambic/media/1/aa/bb')),
  otherwise('another object', stored(SIGNED.replace('bb', 'cc'))),
  otherwise('another spelling of the same path', stored(SIGNED.replace('bb', 'b%62'))),
  otherwise('the same URL at another host', stored(SIGNED, { host: 'objects.githubusercontent.com' })),
  otherwise('the same path in other letters', stored(SIGNED.toUpperCase())),
  {
    ...otherwise(
      'dot segments to the path that was handed out',
      stored(SIGNED.replace('/alambic', '/x/../alambic')),
    ),
    rule: 'path',
  },
  {
    title: 'the URL of an upload for a download',
    shot: asked(batch('upload'), stored()),
    before: 1,
    rule: 'signed-url',
    under,
    control: { shot: asked(batch('upload'), stored(SIGNED, { method: 'PUT', body: 'x' })) },
  },
  {
    title: 'a URL that has expired',
    shot: HANDED_OUT,
    before: 1,
    rule: 'signed-url',
    under: { onRequest: answering(`https://${STORAGE}${SIGNED}`, { expires_at: '2020-01-01T00:00:00Z' }) },
    control: { under },
  },
  {
    title: 'a URL of a repository that the profile has stopped naming',
    shot: HANDED_OUT,
    before: 1,
    rule: 'signed-url',
    under: () => changing({ ...POLICY, allowedRepos: ['my-org/another-repo'] }),
    control: { under: () => changing(POLICY) },
  },
  {
    title: 'an upload to a repository that has become read-only',
    shot: asked(batch('upload'), stored(SIGNED, { method: 'PUT', body: 'x' })),
    before: 1,
    rule: 'signed-url',
    under: () => changing({ ...POLICY, permissions: { contents: 'read' } }),
    control: { under: () => changing(POLICY) },
  },
  {
    title: 'a URL that an answer without redirection names',
    shot: asked({ target: '/repos/my-org/my-repo/releases/assets/1' }, stored()),
    before: 1,
    rule: 'signed-url',
    under: {
      onRequest: (_, response) => void response.end(JSON.stringify({ url: `https://${STORAGE}${SIGNED}` })),
    },
    control: {
      under: {
        onRequest: ({ host }, response) =>
          void response
            .writeHead(host === STORAGE ? 200 : 302, { location: `https://${STORAGE}${SIGNED}` })
            .end(),
      },
    },
  },
  {
    title: 'a batch for a URL of another method',
    shot: asked(batch('download'), stored()),
    before: 1,
    rule: 'signed-url',
    under: {
      onRequest: ({ target }, response) => {
        const actions = { upload: { href: `https://${STORAGE}${SIGNED}` } };
        response.end(target === SIGNED ? '' : JSON.stringify({ objects: [{ oid: OID, size: 1, actions }] }));
      },
    },
    control: { under },
  },
  {
    title: 'a storage URL without TLS',
    shot: plain(`GET http://${STORAGE}${SIGNED} HTTP/1.1\r\nHost: ${STORAGE}\r\nConnection: close\r\n\r\n`),
    rule: 'host',
    under,
    control: { shot: HANDED_OUT },
  },
  {
    title: 'a place of anybody beside those of Actions',
    shot: connecting('productionresultssa99.blob.core.windows.net:443'),
    rule: 'host',
    under: { policy: EVERYTHING },
    control: {
      shot: within('x.blob.core.windows.net:443', helloFor('x.blob.core.windows.net')),
      under: { policy: { ...EVERYTHING, allowedHosts: ['x.blob.core.windows.net'] } },
    },
  },
  {
    title: 'a redirect to another host',
    shot: async (scene) => {
      await scene.request({ target: '/repos/my-org/my-repo/tarball/main' });
      await REACHING(scene);
    },
    before: 1,
    rule: 'host',
    under: { onRequest: redirecting },
    control: { under: { ...EXAMPLE, onRequest: redirecting } },
  },
  {
    title: 'an object of a batch at another host',
    shot: async (scene) => {
      await scene.request(batch('download'));
      await REACHING(scene);
    },
    before: 1,
    rule: 'host',
    under: { onRequest: answering(`https://${ELSEWHERE}/x`) },
    control: { under: { ...EXAMPLE, onRequest: answering(`https://${ELSEWHERE}/x`) } },
  },
]);

const lfs = (title: string, rule: Attack['rule'], request: Asked, control: Attack['control']): Attack => ({
  title,
  shot: asked(request),
  rule,
  under: { ...under, policy: { ...POLICY, permissions: { contents: 'read' } } },
  control,
});
const WRITING = { under: { ...under, policy: POLICY } };
const READING = { shot: asked(batch('download')) };
const lock = (path: string): Asked => ({
  ...json(`/my-org/my-repo.git/info/lfs/locks${path}`, {}),
  host: 'github.com',
});

attacks('LFS', [
  lfs('objects of another repository', 'repo', batch('download', 'my-org/their-repo'), {
    under: { ...under, policy: EVERYTHING },
  }),
  lfs('an upload where only reading is allowed', 'permission', batch('upload'), WRITING),
  lfs(
    'an upload behind a download, in a key that stands twice',
    'permission',
    {
      ...batch('download'),
      body: `{"operation":"download","operation":"upload","objects":[{"oid":"${OID}","size":1}]}`,
    },
    WRITING,
  ),
  lfs('an operation in capitals', 'body', batch('UPLOAD'), READING),
  lfs('an operation that is not known', 'body', batch('delete'), READING),
  lfs('an operation as a list', 'body', batch(['upload']), READING),
  lfs(
    'a transfer that is not looked into',
    'body',
    batch('download', undefined, { transfers: ['ssh'] }),
    READING,
  ),
  lfs('another name of objects', 'body', batch('download', undefined, { hash_algo: 'sha1' }), READING),
  lfs(
    'an object id with dot segments',
    'body',
    batch('download', undefined, { objects: [{ oid: '../x', size: 1 }] }),
    READING,
  ),
  lfs(
    'a batch with a query',
    'route',
    { ...batch('download'), target: '/my-org/my-repo.git/info/lfs/objects/batch?x' },
    READING,
  ),
  lfs(
    'the API of LFS before batches',
    'route',
    { ...batch('download'), target: '/my-org/my-repo.git/info/lfs/objects' },
    READING,
  ),
  lfs(
    'an object by its name',
    'route',
    { host: 'github.com', target: `/my-org/my-repo.git/info/lfs/objects/${OID}` },
    READING,
  ),
  lfs('a lock where only reading is allowed', 'permission', lock(''), WRITING),
  lfs("somebody's lock away, where only reading is allowed", 'permission', lock('/1/unlock'), WRITING),
  lfs('a lock with dot segments', 'path', lock('/../../../../their-repo.git/info/lfs/locks'), READING),
]);
