import { expect, test } from 'vitest';
import { decide, HOSTS, READER } from './request-scene.ts';

test.each([
  ['GET /acme/app/archive/refs/heads/main.zip', 'web'],
  ['GET /acme/app/archive/v1.0.tar.gz', 'web'],
  ['GET /acme/app/tarball/main', 'web'],
  ['GET /acme/app/zipball/feature/x', 'web'],
  ['GET /acme/app/raw/main/a/b.txt', 'web'],
  ['GET /acme/app/raw/feature%2Fx/a.txt', 'web'],
  ['GET /acme/app/releases/download/v1.0/app.tgz', 'web'],
  ['GET /acme/app/releases/latest/download/app.tgz', 'web'],
  ['HEAD /acme/app/releases/download/v1.0/app.tgz', 'web'],
  [`GET ${HOSTS.codeload}/acme/app/zip/main`, 'codeload'],
  [`GET ${HOSTS.codeload}/acme/app/tar.gz/refs/tags/v1`, 'codeload'],
  [`GET ${HOSTS.codeload}/acme/app/legacy.tar.gz/refs/heads/main?token=ABC`, 'codeload'],
  [`GET ${HOSTS.raw}/acme/app/main/a%20b.txt`, 'raw'],
  [`GET ${HOSTS.raw}/acme/app/refs/heads/main/a.txt?token=ABC`, 'raw'],
  [`GET ${HOSTS.media}/media/acme/app/main/big.bin`, 'media'],
  ['GET ghe.example.com/raw/acme/app/main/a.txt', 'raw'],
  ['GET ghe.example.com/codeload/acme/app/zip/main', 'codeload'],
  ['GET ghe.example.com/media/acme/app/main/big.bin', 'media'],
])('%s is a download', (line, surface) => {
  expect(decide(line, READER)).toEqual({
    allowed: true,
    rule: 'download',
    surface,
    repo: 'acme/app',
    inspect: { kind: 'none' },
    answer: 'pass',
  });
});

test.each([
  ['GET /acme/other/archive/main.zip'],
  ['GET /acme/other/releases/download/v1/a'],
  [`GET ${HOSTS.codeload}/acme/other/zip/main`],
  [`GET ${HOSTS.raw}/acme/other/main/a.txt?token=ABC`],
  [`GET ${HOSTS.media}/media/acme/other/main/a.bin`],
  ['GET ghe.example.com/raw/acme/other/main/a.txt'],
])('%s names a repository that is not allowed', (line) => {
  expect(decide(line)).toMatchObject({ allowed: false, rule: 'repo', repo: 'acme/other' });
});

test.each([
  ['the page of a repository', 'GET /acme/app'],
  ['the page of an allowed repository in a browser', 'GET /acme/app/tree/main'],
  ['the page of a pull request', 'GET /acme/app/pull/1'],
  ['a diff of a comparison', 'GET /acme/app/compare/main...evil:main.diff'],
  ['a patch of a commit', 'GET /acme/app/commit/abc.patch'],
  ['an archive of a branch elsewhere', 'GET /acme/app/archive/evil:main.zip'],
  ['an archive of an encoded branch elsewhere', 'GET /acme/app/archive/evil%3Amain.zip'],
  ['codeload of a branch elsewhere', `GET ${HOSTS.codeload}/acme/app/zip/evil:main`],
  ['codeload of an encoded branch elsewhere', `GET ${HOSTS.codeload}/acme/app/zip/evil%3amain`],
  ['raw of a branch elsewhere', `GET ${HOSTS.raw}/acme/app/evil:main/a`],
  ['raw of the web for a branch elsewhere', 'GET /acme/app/raw/evil:main/a'],
  ['an archive with a query', 'GET /acme/app/archive/main.zip?x=1'],
  ['a raw file with another query than its token', `GET ${HOSTS.raw}/acme/app/main/a?x=1`],
  ['a raw file with its token twice', `GET ${HOSTS.raw}/acme/app/main/a?token=A&token=B`],
  ['a raw file with a slash at its end', `GET ${HOSTS.raw}/acme/app/main/a/`],
  ['a file to be written', `PUT ${HOSTS.raw}/acme/app/main/a`],
  ['an upload to an archive', 'POST /acme/app/archive/main.zip'],
  ['a raw file without a path', `GET ${HOSTS.raw}/acme/app/main`],
  ['an archive format that codeload lacks', `GET ${HOSTS.codeload}/acme/app/exe/main`],
  ['an encoded archive format', `GET ${HOSTS.codeload}/acme/app/%7Aip/main`],
  ['media beside /media', `GET ${HOSTS.media}/acme/app/main/big.bin`],
  ['an issue made by a form', 'POST /acme/app/issues'],
  ['a login', 'GET /login'],
  ['the host alone', 'GET /'],
])('%s is no download', (_, line) => {
  expect(decide(line)).toMatchObject({ allowed: false, rule: 'route' });
});

test.each([
  'GET /acme/app/archive/main.zip?token=ABC',
  'GET /acme/app/info/refs?service=git-upload-pack&access_token=ABC',
  `GET ${HOSTS.raw}/acme/app/main/a?access_token=ABC`,
])('%s carries a credential in its query', (line) => {
  expect(decide(line)).toMatchObject({ allowed: false, rule: 'credential', status: 403 });
});

test('without contents: read there is no download', () => {
  const commenter = { ...READER, permissions: { metadata: 'read', issues: 'write' } } as const;
  expect(decide(`GET ${HOSTS.raw}/acme/app/main/a`, commenter)).toMatchObject({
    allowed: false,
    rule: 'permission',
    remedy: 'Add clone to sourceAccess.github.permissions of the profile.',
  });
});

test.each([
  `GET ${HOSTS.storage}/github-production-release-asset/1/abc?sig=a%2Bb%3D&rscd=attachment%3B+filename%3Da`,
  `HEAD ${HOSTS.storage}/x`,
  'PUT github-cloud.s3.amazonaws.com/alambic/media/1/ab/cd/abcd?X-Amz-Signature=1',
  'POST lfs.github.com/acme/app/verify',
  'GET productionresultssa1.blob.core.windows.net/actions-results/a/b.zip?sv=1&sig=x',
  'GET ghe.example.com/storage/releases/1?token=x',
])('%s is let through only as a signed URL that the proxy knows', (line) => {
  expect(decide(line, READER)).toEqual({
    allowed: true,
    rule: 'signed-url',
    surface: 'storage',
    inspect: { kind: 'signed-url' },
    answer: 'pass',
  });
});

test.each([
  ['DELETE', 'route'],
  ['PATCH', 'route'],
  ['OPTIONS', 'route'],
])('%s of a signed URL is refused', (method, rule) => {
  expect(decide(`${method} ${HOSTS.storage}/x`)).toMatchObject({ allowed: false, rule });
});

test.each([
  'POST uploads.github.com/repos/acme/app/releases/42/assets?name=a.tgz',
  'POST uploads.github.com/repos/acme/app/releases/42/assets?name=a.tgz&label=The%20archive',
  'POST ghe.example.com/api/uploads/repos/acme/app/releases/42/assets?name=a.tgz',
])('%s is an asset of a release', (line) => {
  expect(decide(line)).toMatchObject({
    allowed: true,
    rule: 'rest-write',
    surface: 'uploads',
    repo: 'acme/app',
  });
  expect(decide(line, READER)).toMatchObject({ allowed: false, rule: 'permission' });
});

test.each([
  ['without a name', 'POST uploads.github.com/repos/acme/app/releases/42/assets', 'route'],
  ['with two names', 'POST uploads.github.com/repos/acme/app/releases/42/assets?name=a&name=b', 'route'],
  ['with more', 'POST uploads.github.com/repos/acme/app/releases/42/assets?name=a&x=b', 'route'],
  ['to another repository', 'POST uploads.github.com/repos/acme/other/releases/42/assets?name=a', 'repo'],
  ['by number', 'POST uploads.github.com/repositories/1/releases/42/assets?name=a', 'route'],
  ['of a user', 'POST uploads.github.com/user-attachments/assets?name=a', 'route'],
  ['that is read', 'GET uploads.github.com/repos/acme/app/releases/42/assets?name=a', 'route'],
  [
    'with a credential',
    'POST uploads.github.com/repos/acme/app/releases/42/assets?name=a&token=x',
    'credential',
  ],
])('an upload %s is refused', (_, line, rule) => {
  expect(decide(line)).toMatchObject({ allowed: false, rule });
});
