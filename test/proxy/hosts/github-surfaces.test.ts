import { expect, test } from 'vitest';
import { gitHubSurfaces } from '../../../lib/proxy/hosts/github-surfaces.ts';

const DOTCOM = { git: 'https://github.com', api: 'https://api.github.com' };
const SERVER = { git: 'https://ghe.example.com', api: 'https://ghe.example.com/api/v3' };
const SERVER_WITH_PORT = { git: 'https://ghe.example.com:8443', api: 'https://ghe.example.com:8443/api/v3' };
const RESIDENCY = { git: 'https://acme.ghe.com', api: 'https://api.acme.ghe.com' };
const LOCAL = { git: 'http://127.0.0.1:4567', api: 'http://127.0.0.1:4567/api/v3' };

test.each([
  ['github.com', '/o/r.git/info/refs', 'web', '/o/r.git/info/refs'],
  ['github.com', '/api/v3/repos/o/r', 'web', '/api/v3/repos/o/r'],
  ['api.github.com', '/repos/o/r', 'api', '/repos/o/r'],
  ['api.github.com', '/', 'api', '/'],
  ['api.github.com', '/graphql', 'api', '/graphql'],
  ['uploads.github.com', '/repos/o/r/releases/1/assets', 'uploads', '/repos/o/r/releases/1/assets'],
  ['codeload.github.com', '/o/r/zip/main', 'codeload', '/o/r/zip/main'],
  ['raw.githubusercontent.com', '/o/r/main/a', 'raw', '/o/r/main/a'],
  ['media.githubusercontent.com', '/media/o/r/main/a', 'media', '/o/r/main/a'],
  ['objects.githubusercontent.com', '/x', 'storage', '/x'],
  ['release-assets.githubusercontent.com', '/x', 'storage', '/x'],
  ['github-cloud.githubusercontent.com', '/x', 'storage', '/x'],
  ['github-cloud.s3.amazonaws.com', '/x', 'storage', '/x'],
  ['lfs.github.com', '/o/r/verify', 'storage', '/o/r/verify'],
  ['productionresultssa7.blob.core.windows.net', '/x', 'storage', '/x'],
])('of github.com, %s%s is %s, there %s', (host, path, surface, own) => {
  expect(gitHubSurfaces({ endpoints: [DOTCOM] }).match(host, path)).toEqual({ surface, path: own });
});

test.each([
  ['/o/r/info/refs', 'web', '/o/r/info/refs'],
  ['/api/v3', 'api', '/'],
  ['/api/v3/', 'api', '/'],
  ['/api/v3/repos/o/r', 'api', '/repos/o/r'],
  ['/api/graphql', 'api', '/graphql'],
  ['/api/uploads/repos/o/r/releases/1/assets', 'uploads', '/repos/o/r/releases/1/assets'],
  ['/raw/o/r/main/a', 'raw', '/o/r/main/a'],
  ['/media/o/r/main/a', 'media', '/o/r/main/a'],
  ['/codeload/o/r/zip/main', 'codeload', '/o/r/zip/main'],
  ['/storage/releases/1', 'storage', '/releases/1'],
  ['/api/v30/repos/o/r', 'web', '/api/v30/repos/o/r'],
  ['/rawest/o/r/main/a', 'web', '/rawest/o/r/main/a'],
])('of a GitHub Enterprise Server without subdomains, %s is %s, there %s', (path, surface, own) => {
  expect(gitHubSurfaces({ endpoints: [SERVER] }).match('ghe.example.com', path)).toEqual({
    surface,
    path: own,
  });
  expect(gitHubSurfaces({ endpoints: [LOCAL] }).match('127.0.0.1:4567', path)).toEqual({
    surface,
    path: own,
  });
});

test.each([
  [SERVER, 'raw.ghe.example.com', 'raw'],
  [SERVER, 'media.ghe.example.com', 'media'],
  [SERVER, 'codeload.ghe.example.com', 'codeload'],
  [SERVER, 'uploads.ghe.example.com', 'uploads'],
  [SERVER_WITH_PORT, 'ghe.example.com:8443', 'web'],
  [SERVER_WITH_PORT, 'raw.ghe.example.com:8443', 'raw'],
  [RESIDENCY, 'acme.ghe.com', 'web'],
  [RESIDENCY, 'api.acme.ghe.com', 'api'],
  [RESIDENCY, 'uploads.acme.ghe.com', 'uploads'],
  [RESIDENCY, 'codeload.acme.ghe.com', 'codeload'],
  [RESIDENCY, 'raw.acme.ghe.com', 'raw'],
  [RESIDENCY, 'prodweu01resultssa3.blob.core.windows.net', 'storage'],
])('$git answers on %2$s as %3$s', (endpoint, host, surface) => {
  const surfaces = gitHubSurfaces({ endpoints: [endpoint] });
  expect(surfaces.match(host, '/o/r/a/b')?.surface).toBe(surface);
  expect(surfaces.hosts).toContain(host);
});

test.each([
  [DOTCOM, 'gist.github.com'],
  [DOTCOM, 'gist.githubusercontent.com'],
  [DOTCOM, 'evilgithub.com'],
  [DOTCOM, 'github.com.evil.example'],
  [DOTCOM, 'x.github.com'],
  [DOTCOM, 'github.com.'],
  [DOTCOM, 'github.com:443'],
  [DOTCOM, 'github.com:8443'],
  [DOTCOM, 'GitHub.com'],
  [DOTCOM, 'anything.blob.core.windows.net'],
  [DOTCOM, 'productionresultssa20.blob.core.windows.net'],
  [DOTCOM, 'anyone.s3.amazonaws.com'],
  [DOTCOM, 'acme.ghe.com'],
  [SERVER, 'github.com'],
  [SERVER, 'gist.ghe.example.com'],
  [SERVER, 'ghe.example.com:8443'],
  [SERVER_WITH_PORT, 'ghe.example.com'],
  [RESIDENCY, 'other.ghe.com'],
  [RESIDENCY, 'api.github.com'],
  [LOCAL, 'github.com'],
  [LOCAL, '127.0.0.1'],
  [LOCAL, '127.0.0.1:4568'],
  [LOCAL, 'raw.127.0.0.1:4567'],
])('$git has nothing on %2$s', (endpoint, host) => {
  const surfaces = gitHubSurfaces({ endpoints: [endpoint] });
  expect(surfaces.match(host, '/o/r/a/b')).toBeUndefined();
  expect(surfaces.hosts).not.toContain(host);
});

test('what media.githubusercontent.com has beside /media is not known', () => {
  const surfaces = gitHubSurfaces({ endpoints: [DOTCOM] });
  expect(surfaces.match('media.githubusercontent.com', '/o/r/main/a')).toBeUndefined();
  expect(surfaces.match('media.githubusercontent.com', '/mediaeval/o/r/a')).toBeUndefined();
});

test('the local cloud is an origin without TLS, beside the hosts that are terminated', () => {
  const surfaces = gitHubSurfaces({ endpoints: [DOTCOM, LOCAL] });
  expect(surfaces.localOrigins).toEqual(['http://127.0.0.1:4567']);
  expect(surfaces.hosts).toContain('github.com');
  expect(surfaces.hosts).not.toContain('127.0.0.1:4567');
});

test('hosts of signed URLs alone are storage; one that serves more is not', () => {
  const surfaces = gitHubSurfaces({ endpoints: [DOTCOM, SERVER] });
  expect(surfaces.isStorageHost('objects.githubusercontent.com')).toBe(true);
  expect(surfaces.isStorageHost('github.com')).toBe(false);
  expect(surfaces.isStorageHost('ghe.example.com')).toBe(false);
  expect(surfaces.isStorageHost('evil.example')).toBe(false);
});

test('an endpoint that is not a URL is refused by name', () => {
  expect(() => gitHubSurfaces({ endpoints: [{ git: 'github.com', api: 'https://api.github.com' }] })).toThrow(
    expect.objectContaining({ code: 'ErrGitHubBadHost' }),
  );
});
