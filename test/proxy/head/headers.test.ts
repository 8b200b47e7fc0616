import { expect, test } from 'vitest';
import { answeredHeaders } from '../../../lib/proxy/head/answered-headers.ts';
import { forwardedHeaders } from '../../../lib/proxy/head/forwarded-headers.ts';

/** What git, git-lfs and gh send that GitHub has to see. */
const GOES_ON = [
  'Accept',
  'Accept-Encoding',
  'Accept-Language',
  'Cache-Control',
  'Content-Encoding',
  'Content-Type',
  'Git-Protocol',
  'GraphQL-Features',
  'If-Match',
  'If-Modified-Since',
  'If-None-Match',
  'If-Range',
  'If-Unmodified-Since',
  'Pragma',
  'Range',
  'Time-Zone',
  'User-Agent',
  'X-GitHub-Api-Version',
];

test.each(GOES_ON.map((name) => [name]))('%s goes on to GitHub', (name) => {
  expect(forwardedHeaders([name, 'value'])).toEqual([[name.toLowerCase(), 'value']]);
});

const STAYS = [
  'Authorization',
  'authorization',
  'Proxy-Authorization',
  'Cookie',
  'Host',
  'Connection',
  'Keep-Alive',
  'Content-Length',
  'Transfer-Encoding',
  'TE',
  'Trailer',
  'Expect',
  'Upgrade',
  'Forwarded',
  'X-Forwarded-For',
  'X-Forwarded-Host',
  'X-Real-IP',
  'Via',
  'X-HTTP-Method-Override',
  'X-GitHub-Token',
  'X-GitHub-OTP',
  'Private-Token',
  'X-Amz-Security-Token',
  'X-Ms-Blob-Type',
  'Origin',
  'Referer',
  'Content_Length',
  'X-Anything',
];

test.each(STAYS.map((name) => [name]))('%s does not go on', (name) => {
  expect(forwardedHeaders([name, 'value'])).toEqual([]);
});

test('what goes on keeps its order and its repetitions', () => {
  const raw = ['Accept', 'a', 'Cookie', 'x', 'User-Agent', 'git/2.39', 'accept', 'b'];
  expect(forwardedHeaders(raw)).toEqual([
    ['accept', 'a'],
    ['user-agent', 'git/2.39'],
    ['accept', 'b'],
  ]);
});

test('an answer goes back without what is of its connection, would lead around the proxy, or is a cookie', () => {
  const raw = [
    'Content-Type',
    'application/json',
    'Content-Length',
    '2',
    'Connection',
    'close, X-Hop',
    'X-Hop',
    'a',
    'Keep-Alive',
    'timeout=5',
    'Transfer-Encoding',
    'chunked',
    'Upgrade',
    'h2',
    'Alt-Svc',
    'h3=":443"',
    'Set-Cookie',
    'a=b',
    'Set-Cookie',
    'c=d',
    'Trailer',
    'x',
    'Link',
    '<https://api.github.com/a>; rel="next"',
    'Vary',
    'Accept',
    'vary',
    'Cookie',
  ];
  expect(answeredHeaders(raw)).toEqual([
    ['content-type', 'application/json'],
    ['content-length', '2'],
    ['link', '<https://api.github.com/a>; rel="next"'],
    ['vary', 'Accept'],
    ['vary', 'Cookie'],
  ]);
});
