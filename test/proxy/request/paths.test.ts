import { expect, test } from 'vitest';
import { decide, decideTarget, HOSTS, WIDE } from './request-scene.ts';

const UPLOAD = 'info/refs?service=git-upload-pack';

test.each([
  ['dot segments out of an allowed repository', `GET /acme/app/../other/${UPLOAD}`],
  ['encoded dot segments', `GET /acme/app/%2e%2e/other/${UPLOAD}`],
  ['dot segments in mixed spelling', `GET /acme/app/.%2E/other/${UPLOAD}`],
  ['dot segments behind an encoded slash', `GET /acme/app%2f..%2fother/${UPLOAD}`],
  ['twice encoded dot segments', `GET /acme/app/%252e%252e/other/${UPLOAD}`],
  ['a twice encoded slash', `GET /acme/app%252fother/${UPLOAD}`],
  ['a thrice encoded letter', `GET /acme/ap%252570/${UPLOAD}`],
  ['a single dot segment', `GET /acme/./app/${UPLOAD}`],
  ['an empty segment in front', `GET //acme/app/${UPLOAD}`],
  ['an empty segment within', `GET /acme//app/${UPLOAD}`],
  ['an authority in front', `GET //evil.example/acme/app/${UPLOAD}`],
  ['an empty target', 'GET '],
  ['a path parameter on the repository', `GET /acme/app;x=/../other/${UPLOAD}`],
  ['an encoded path parameter', `GET /acme/app%3bx/${UPLOAD}`],
  ['a backslash', `GET /acme\\other/app/${UPLOAD}`],
  ['an encoded backslash', `GET /acme/app%5c..%5cother/${UPLOAD}`],
  ['an encoded NUL', `GET /acme/app%00/${UPLOAD}`],
  ['an encoded line end', `GET /acme/app%0d%0aHost:evil/${UPLOAD}`],
  ['an encoded space', `GET /acme/app%20/${UPLOAD}`],
  ['a raw space', `GET /acme/app /${UPLOAD}`],
  ['a raw tab', `GET /acme/app\t/${UPLOAD}`],
  ['a raw NUL', `GET /acme/app\0/${UPLOAD}`],
  ['a raw letter beyond ASCII', `GET /acme/äpp/${UPLOAD}`],
  ['an encoded letter beyond ASCII', `GET /acme/%C3%A4pp/${UPLOAD}`],
  ['a full-width slash', `GET /acme/app%EF%BC%8Fother/${UPLOAD}`],
  ['an overlong slash', `GET /acme/app%c0%afother/${UPLOAD}`],
  ['an overlong dot', `GET /acme/app/%c0%ae%c0%ae/other/${UPLOAD}`],
  ['an encoded surrogate', `GET /acme/app%ed%a0%80/${UPLOAD}`],
  ['a percent sign without digits', `GET /acme/app%/${UPLOAD}`],
  ['a percent sign with letters', `GET /acme/app%zz/${UPLOAD}`],
  ['an IIS escape', `GET /acme/app%u002e/${UPLOAD}`],
  ['a fragment', `GET /acme/app/info/refs#?service=git-upload-pack`],
  ['an encoded fragment in the name', `GET /acme/app%23/${UPLOAD}`],
  ['an encoded question mark in the name', `GET /acme/app%3f/${UPLOAD}`],
  ['an encoded owner', `GET /%61cme/app/${UPLOAD}`],
  ['an encoded repository', `GET /acme/%61pp/${UPLOAD}`],
  ['an encoded slash between owner and repository', `GET /acme%2fapp/app/${UPLOAD}`],
  ['a dot behind the owner', `GET /acme./app/${UPLOAD}`],
  ['a dot behind the repository', `GET /acme/app./${UPLOAD}`],
  ['dots behind the repository', `GET /acme/app.../${UPLOAD}`],
  ['.git twice', `GET /acme/app.git.git/${UPLOAD}`],
  ['.GIT in capitals', `GET /acme/app.GIT/${UPLOAD}`],
  ['.git. with a dot behind', `GET /acme/app.git./${UPLOAD}`],
  ['.git alone', `GET /acme/.git/${UPLOAD}`],
  ['.. as an owner in one segment', `GET /..acme/app/${UPLOAD}`],
  ['a user in front of the owner', `GET /x@acme/app/${UPLOAD}`],
  ['a colon in the owner', `GET /acme:x/app/${UPLOAD}`],
  ['an API path that no API has', `GET ghe.example.com/api/v4/${UPLOAD}`],
  ['a prefix in capitals', `GET ghe.example.com/RAW/acme/${UPLOAD}`],
  ['a gist below a GitHub Enterprise Server', `GET ghe.example.com/gist/abc.git/${UPLOAD}`],
  ['an encoded prefix of the API', 'GET ghe.example.com/%61pi/v3/repos/acme/app'],
  ['.git on an address of the API', `GET ${HOSTS.api}/repos/acme/app.git`],
  ['.git on an archive', 'GET /acme/app.git/archive/main.zip'],
  ['an encoded owner in the API', `GET ${HOSTS.api}/repos/ac%6de/app`],
  ['an encoded slash in the API', `GET ${HOSTS.api}/repos/acme%2fapp/issues`],
  ['dot segments in the API', `GET ${HOSTS.api}/repos/acme/app/../../evil/app`],
  ['dot segments in a tail', `GET ${HOSTS.api}/repos/acme/app/contents/a%2f..%2f..%2f..%2f..%2fevil%2fapp`],
  ['dot segments in a raw file', `GET ${HOSTS.raw}/acme/app/main/..%2f..%2f..%2fevil/app/main/a`],
  ['a segment of dots and spaces in a tail', `GET ${HOSTS.api}/repos/acme/app/contents/.%20./b`],
  ['an empty segment in a tail', `GET ${HOSTS.api}/repos/acme/app/contents/a%2f%2fb`],
  ['a wiki page among raw files', `GET ${HOSTS.raw}/wiki/acme/app/Home.md`],
])('%s is not well-formed', (_, line) => {
  expect(decide(line)).toMatchObject({ allowed: false, rule: 'path', status: 400 });
});

test.each([
  ['an API route in capitals', `GET ${HOSTS.api}/REPOS/acme/app`],
  ['an encoded API route', `GET ${HOSTS.api}/r%65pos/acme/app`],
  ['an encoded word of a route', `POST ${HOSTS.api}/repos/acme/app/git/r%65fs`],
  ['an encoded first word of a read', `GET ${HOSTS.api}/repos/acme/app/k%65ys`],
  ['an API prefix twice', 'GET ghe.example.com/api/v3/api/v3/repos/acme/app'],
])('%s is no route', (_, line) => {
  expect(decide(line)).toMatchObject({ allowed: false, rule: 'route' });
});

test('an account of github.com may be called as a path of a GitHub Enterprise Server is', () => {
  const policy = { ...WIDE, allowedRepos: ['media/app'] };
  expect(decide(`GET github.com/media/app/${UPLOAD}`, policy)).toMatchObject({
    allowed: true,
    repo: 'media/app',
  });
  expect(decide(`GET ghe.example.com/media/app/${UPLOAD}`, policy)).toMatchObject({ allowed: false });
});

test('a path of the API on the host of git is read as git reads it', () => {
  expect(decide('GET github.com/repos/acme/app/issues')).toMatchObject({ rule: 'repo', repo: 'repos/acme' });
});

test.each([
  ['gist.github.com/abc.git/info/refs?service=git-upload-pack'],
  ['evil.example/acme/app.git/info/refs?service=git-upload-pack'],
  ['github.com./acme/app.git/info/refs?service=git-upload-pack'],
  ['github.com.evil.example/acme/app.git/info/refs?service=git-upload-pack'],
  ['127.0.0.1:80/acme/app.git/info/refs?service=git-upload-pack'],
  ['raw.githubusercontent.com.evil.example/acme/app/main/a'],
  ['gist.githubusercontent.com/acme/app/raw/a'],
])('GET %s goes to no host of GitHub', (address) => {
  expect(decide(`GET ${address}`)).toMatchObject({ allowed: false, rule: 'host', status: 403 });
});

test.each([
  ['an absolute form', `https://github.com/acme/app/${UPLOAD}`],
  ['an asterisk', '*'],
  ['an authority form', 'evil.example:443'],
  ['nothing', ''],
  ['a path without its slash', `acme/app/${UPLOAD}`],
  ['a query alone', '?service=git-upload-pack'],
])('%s is no request target', (_, target) => {
  expect(decideTarget(target)).toMatchObject({ allowed: false, rule: 'path', status: 400 });
});

test('a profile without GitHub refuses every request to it', () => {
  const none = { ...WIDE, allowedRepos: [] };
  expect(decide('GET api.github.com/rate_limit', none)).toMatchObject({ allowed: false, rule: 'repo' });
  expect(decide('GET objects.githubusercontent.com/x', none)).toMatchObject({ allowed: false, rule: 'repo' });
});

test('a refusal shows neither a query, nor a token, nor what does not print', () => {
  const token = `ghs_${'a'.repeat(36)}`;
  for (const target of [
    `/acme/app/${token}/x?y=${token}`,
    `https://x:${token}@github.com/acme/app`,
    `/${token}/app/${UPLOAD}`,
    `/acme/app/tree/main?access_token=${token}`,
    `/acme/app\u001b[2J\u202e/${UPLOAD}`,
    `/acme/app.git/git-receive-pack?password=${token}`,
  ]) {
    const decision = decideTarget(target);
    expect(decision).toMatchObject({ allowed: false });
    const text = JSON.stringify(decision);
    expect(text).not.toContain('ghs_');
    expect(text).not.toMatch(/[^\x20-\x7e]|\\u001b|y=|password=/);
  }
});
