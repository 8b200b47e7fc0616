import { expect, test } from 'vitest';
import { decide, READER } from './request-scene.ts';

const GIT = 'info/refs?service=git';

test.each([
  [`GET /acme/app.git/${GIT}-upload-pack`, 'git-read', 'none'],
  [`GET /acme/app/${GIT}-upload-pack`, 'git-read', 'none'],
  [`GET /Acme/APP.git/${GIT}-upload-pack`, 'git-read', 'none'],
  [`GET /acme/.github.git/${GIT}-upload-pack`, 'git-read', 'none'],
  [`GET ghe.example.com/acme/app.git/${GIT}-upload-pack`, 'git-read', 'none'],
  [`GET /acme/app.git/${GIT}-receive-pack`, 'git-push', 'none'],
  ['POST /acme/app.git/git-upload-pack', 'git-read', 'none'],
  ['POST /acme/app.git/git-receive-pack', 'git-push', 'receive-pack'],
  ['POST /acme/app.git/info/lfs/objects/batch', 'lfs', 'lfs-batch'],
  ['POST /acme/app/info/lfs/objects/batch', 'lfs', 'lfs-batch'],
  ['GET /acme/app.git/info/lfs/locks?path=a%2Fb&limit=100', 'lfs', 'none'],
  ['POST /acme/app.git/info/lfs/locks', 'lfs', 'none'],
  ['POST /acme/app.git/info/lfs/locks/verify', 'lfs', 'none'],
  ['POST /acme/app.git/info/lfs/locks/12345/unlock', 'lfs', 'none'],
])('%s is let through by %s, inspecting %s', (line, rule, kind) => {
  expect(decide(line)).toMatchObject({ allowed: true, rule, surface: 'web', inspect: { kind } });
  expect(decide(line)).toMatchObject({ repo: line.includes('.github.git') ? 'acme/.github' : 'acme/app' });
});

test('the answer to an LFS batch is the one whose signed URLs are taken out', () => {
  expect(decide('POST /acme/app.git/info/lfs/objects/batch')).toMatchObject({ answer: 'lfs-batch' });
  expect(decide('POST /acme/app.git/git-upload-pack')).toMatchObject({ answer: 'pass' });
});

test.each([
  [`GET /acme/app.git/${GIT}-receive-pack`],
  ['POST /acme/app.git/git-receive-pack'],
  ['POST /acme/app.git/info/lfs/locks'],
  ['POST /acme/app.git/info/lfs/locks/verify'],
  ['POST /acme/app.git/info/lfs/locks/1/unlock'],
])('with contents: read, %s is refused and names the verb that is missing', (line) => {
  expect(decide(line, READER)).toMatchObject({
    allowed: false,
    rule: 'permission',
    status: 403,
    repo: 'acme/app',
    remedy: 'Add push to sourceAccess.github.permissions of the profile.',
  });
});

test.each([
  [`GET /acme/app.git/${GIT}-upload-pack`],
  ['POST /acme/app.git/git-upload-pack'],
  ['POST /acme/app.git/info/lfs/objects/batch'],
])('with contents: read, %s is still let through', (line) => {
  expect(decide(line, READER)).toMatchObject({ allowed: true, repo: 'acme/app' });
});

test.each([
  [`GET /acme/other.git/${GIT}-upload-pack`, 'acme/other'],
  ['POST /acme/other.git/git-receive-pack', 'acme/other'],
  ['POST /evil/app.git/git-receive-pack', 'evil/app'],
  ['POST /evil/store.git/info/lfs/objects/batch', 'evil/store'],
  [`GET ghe.example.com/acme/other/${GIT}-upload-pack`, 'acme/other'],
])('%s is refused, since %s is not in allowedRepos', (line, repo) => {
  expect(decide(line)).toEqual({
    allowed: false,
    rule: 'repo',
    status: 403,
    reason: `[km] ${repo} is not in allowedRepos`,
    remedy: `Add ${repo} to sourceAccess.github.allowedRepos of the profile, or ask whoever keeps it.`,
    repo,
  });
});

test.each([
  ['without a service, as the dumb protocol asks', 'GET /acme/app.git/info/refs'],
  ['with a service of another kind', `GET /acme/app.git/${GIT}-upload-archive`],
  ['with the service twice', `GET /acme/app.git/${GIT}-upload-pack&service=git-receive-pack`],
  ['with a parameter more', `GET /acme/app.git/${GIT}-upload-pack&x=1`],
  ['with the service encoded', 'GET /acme/app.git/info/refs?service=git%2Dreceive-pack'],
  ['with the service in capitals', 'GET /acme/app.git/info/refs?Service=git-receive-pack'],
  ['with a query on the service itself', 'POST /acme/app.git/git-receive-pack?x=1'],
  ['with an empty query on the service itself', 'POST /acme/app.git/git-receive-pack?'],
  ['a receive-pack by GET', 'GET /acme/app.git/git-receive-pack'],
  ['an advertisement by POST', `POST /acme/app.git/${GIT}-upload-pack`],
  ['an advertisement by HEAD', `HEAD /acme/app.git/${GIT}-upload-pack`],
  ['an upload-archive', 'POST /acme/app.git/git-upload-archive'],
  ['a service with a slash at its end', 'POST /acme/app.git/git-receive-pack/'],
  ['a service below a service', 'POST /acme/app.git/git-upload-pack/git-receive-pack'],
  ['a loose object', 'GET /acme/app/objects/aa/bb'],
  ['HEAD of the dumb protocol', 'GET /acme/app/HEAD'],
  ['an LFS object without its batch', 'GET /acme/app.git/info/lfs/objects/abc'],
  ['an LFS batch with a query', 'POST /acme/app.git/info/lfs/objects/batch?x=1'],
  ['an LFS lock deeper than there is one', 'POST /acme/app.git/info/lfs/locks/1/2/unlock'],
])('git: %s is no route', (_, line) => {
  expect(decide(line)).toMatchObject({ allowed: false, rule: 'route', status: 403 });
});

test.each([
  ['the wiki of an allowed repository', 'POST /acme/app.wiki.git/git-receive-pack', 'acme/app.wiki'],
  ['a wiki under owner/*', 'POST /tools/x.wiki.git/git-receive-pack', 'tools/x.wiki'],
  ['a wiki in capitals', 'POST /tools/x.WIKI.git/git-receive-pack', 'tools/x.wiki'],
])('%s is a repository of its own, and refused', (_, line, repo) => {
  expect(decide(line)).toMatchObject({ allowed: false, rule: 'repo', repo });
});
