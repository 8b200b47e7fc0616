import { expect, test } from 'vitest';
import { takeSignedUrls } from '../../../lib/proxy/lfs/take-signed-urls.ts';

const OID = 'ab'.repeat(32);
const NOW = Date.UTC(2026, 10, 20, 12);
const STORAGE =
  'https://github-cloud.githubusercontent.com/alambic/media/1/ab/cd/x?X-Amz-Signature=s1gned&token=1';
const HOSTS = ['github-cloud.githubusercontent.com', 'lfs.github.com', '127.0.0.1:8080'];

const take = (answer: unknown, operation: 'upload' | 'download' = 'download') =>
  takeSignedUrls(Buffer.from(typeof answer === 'string' ? answer : JSON.stringify(answer)), {
    operation,
    isAllowedHost: (host) => HOSTS.includes(host),
    now: NOW,
  });

/** What the client gets, and what the proxy keeps, of an answer about one object. */
const takeOne = (actions: object, operation: 'upload' | 'download' = 'download') => {
  const taken = take({ transfer: 'basic', objects: [{ oid: OID, size: 3, actions }] }, operation);
  if ('allowed' in taken) throw new TypeError(taken.reason);
  return { text: String(taken.body), object: JSON.parse(String(taken.body)).objects[0], urls: taken.urls };
};

test('a download keeps its credential with the proxy', () => {
  const header = { Authorization: 'RemoteAuth s3cret', 'X-Amz-Date': '20261120T120000Z' };
  const { text, object, urls } = takeOne({ download: { href: STORAGE, header, expires_in: 3600 } });
  expect(text).not.toContain('s3cret');
  expect(object).toEqual({
    oid: OID,
    size: 3,
    authenticated: true,
    actions: { download: { href: STORAGE, header: {}, expires_in: 3600 } },
  });
  expect(urls).toEqual([
    {
      method: 'GET',
      url: STORAGE,
      headers: { authorization: 'RemoteAuth s3cret', 'x-amz-date': '20261120T120000Z' },
      expiresAt: NOW + 3_600_000,
    },
  ]);
});

test('an upload has its PUT and the POST that verifies it, and its media type is left to the client', () => {
  const { text, object, urls } = takeOne(
    {
      upload: {
        href: STORAGE,
        header: {
          Authorization: 'AWS4 s3cret',
          'Content-Type': 'application/octet-stream',
          'x-amz-content-sha256': OID,
        },
        expires_at: '2026-11-20T12:15:00Z',
      },
      verify: {
        href: 'https://lfs.github.com/acme/app/objects/x/verify',
        header: { authorization: 'RemoteAuth s3cret' },
      },
    },
    'upload',
  );
  expect(text).not.toContain('s3cret');
  expect(object.actions.upload.header).toEqual({ 'content-type': 'application/octet-stream' });
  expect(
    urls.map(({ method, headers, expiresAt }) => [method, Object.keys(headers).sort(), expiresAt]),
  ).toEqual([
    ['PUT', ['authorization', 'content-type', 'x-amz-content-sha256'], NOW + 900_000],
    ['POST', ['authorization'], undefined],
  ]);
});

test('no header of an answer decides over the proxy’s own connection', () => {
  const header = {
    Host: 'evil.example',
    Connection: 'upgrade',
    'Transfer-Encoding': 'chunked',
    'Content-Length': '1',
  };
  const { object, urls } = takeOne({ upload: { href: STORAGE, header } }, 'upload');
  expect(urls[0]?.headers).toEqual({});
  expect(object.actions.upload.header).toEqual({ 'transfer-encoding': 'chunked' });
});

test.each<readonly [string, unknown]>([
  ['another host', 'https://evil.example/x'],
  ['a host below an allowed one', 'https://x.lfs.github.com/x'],
  ['an allowed host as a label', 'https://lfs.github.com.evil.example/x'],
  ['an allowed host as a user', 'https://lfs.github.com@evil.example/x'],
  ['a user on an allowed host', 'https://user:pw@lfs.github.com/x'],
  ['another port', 'https://lfs.github.com:8443/x'],
  ['plain http', 'http://lfs.github.com/x'],
  ['another scheme', 'file:///etc/passwd'],
  ['a fragment', 'https://lfs.github.com/x#y'],
  ['a line break', 'https://lfs.github.com/x\r\nx: y'],
  ['a backslash host', 'https:\\\\evil.example/x'],
  ['a relative address', '/x'],
  ['the metadata service', 'http://169.254.169.254/latest'],
  ['no text', ['https://lfs.github.com/x']],
  ['nothing', undefined],
])('an address with %s becomes an error of its object', (_, href) => {
  const { object, urls } = takeOne({ download: { href } });
  expect(urls).toEqual([]);
  expect(object).toEqual({
    oid: OID,
    size: 3,
    error: { code: 403, message: expect.stringMatching(/^\[km\] /) },
  });
});

test.each<readonly [string, unknown]>([
  ['a line break in a value', { Authorization: 'a\r\nX-Evil: 1' }],
  ['a value that is no text', { Authorization: ['a'] }],
  ['a name that is no token', { 'X Evil': '1' }],
  ['a name twice', { authorization: 'a', Authorization: 'b' }],
  ['a list', ['authorization']],
])('headers with %s become an error of their object', (_, header) => {
  expect(takeOne({ download: { href: STORAGE, header } }).urls).toEqual([]);
});

test('an answer hands out what was asked for, and nothing else', () => {
  const { object, urls } = takeOne({
    download: { href: STORAGE },
    upload: { href: STORAGE },
    verify: { href: STORAGE },
    custom: { href: STORAGE },
  });
  expect(urls.map(({ method }) => method)).toEqual(['GET']);
  expect(Object.keys(object.actions)).toEqual(['download']);
});

test('one bad address costs its own object only', () => {
  const good = { oid: OID, size: 3, actions: { download: { href: STORAGE } } };
  const bad = { oid: OID, size: 3, actions: { download: { href: 'https://evil.example/' } } };
  const taken = take({ objects: [bad, good] });
  expect('urls' in taken && taken.urls.length).toBe(1);
});

test('the address is told in the one spelling that the proxy keeps', () => {
  const { object, urls } = takeOne({ download: { href: 'HTTPS://LFS.github.com:443/a/../b?x=1' } });
  expect(object.actions.download.href).toBe('https://lfs.github.com/b?x=1');
  expect(urls[0]?.url).toBe('https://lfs.github.com/b?x=1');
});

test('the local cloud’s own loopback address may be plain http', () => {
  expect(takeOne({ download: { href: 'http://127.0.0.1:8080/x' } }).urls).toHaveLength(1);
});

test('errors of objects, and objects that are there already, pass', () => {
  const error = { code: 404, message: 'Object does not exist' };
  const taken = take(
    {
      objects: [
        { oid: OID, size: 3, error },
        { oid: OID, size: 3 },
      ],
    },
    'upload',
  );
  expect('body' in taken && JSON.parse(String(taken.body))).toEqual({
    transfer: 'basic',
    objects: [
      { oid: OID, size: 3, error },
      { oid: OID, size: 3 },
    ],
  });
});

test.each<readonly [string, unknown]>([
  ['no JSON', '<html>'],
  ['no objects', { message: 'x' }],
  ['objects that are none', { objects: ['x'] }],
  ['another transfer', { transfer: 'tus', objects: [] }],
])('an answer that is %s is refused as GitHub’s', (_, answer) => {
  expect(take(answer)).toMatchObject({ allowed: false, rule: 'upstream', status: 502 });
});
