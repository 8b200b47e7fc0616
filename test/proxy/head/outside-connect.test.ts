import { expect, test } from 'vitest';
import { startRecordingServer } from './recording-server.ts';

const OUTSIDE = [
  { url: 'http://127.0.0.1:4567/o/r', host: '127.0.0.1:4567', passes: ['127.0.0.1:4567', '/o/r'] },
  { url: 'HTTP://Example.com', host: 'example.com', passes: ['example.com', '/'] },
  { url: 'http://example.com:80/a', host: 'example.com', passes: ['example.com', '/a'] },
  { url: 'http://127.0.0.1:4567/', host: '127.0.0.1:4568', passes: undefined },
  { url: 'http://127.0.0.1:4567/', host: 'github.com', passes: undefined },
  { url: 'http://github.com@127.0.0.1:4567/', host: '127.0.0.1:4567', passes: undefined },
  { url: 'http://github.com@127.0.0.1:4567/', host: 'github.com', passes: undefined },
  { url: 'https://github.com/', host: 'github.com', passes: undefined },
  { url: 'ftp://github.com/', host: 'github.com', passes: undefined },
  { url: 'http:///a', host: 'github.com', passes: undefined },
  { url: 'http:/github.com/a', host: 'github.com', passes: undefined },
  { url: 'http:\\\\github.com/a', host: 'github.com', passes: undefined },
  { url: 'http://github.com\\@127.0.0.1/a', host: 'github.com', passes: undefined },
  { url: 'http://github.com?a', host: 'github.com', passes: undefined },
  { url: 'http://%67ithub.com/', host: '%67ithub.com', passes: undefined },
  { url: '/o/r', host: 'github.com', passes: undefined },
  { url: 'github.com:443', host: 'github.com', passes: undefined },
] as const;

test.each(OUTSIDE)('outside of a CONNECT, $url with Host $host: $passes', async ({ url, host, passes }) => {
  await using server = await startRecordingServer(undefined);
  const { recorded } = await server.send(
    `GET ${url} HTTP/1.1\r\nHost: ${host}\r\nProxy-Connection: close\r\n\r\n`,
  );
  expect(recorded.map((each) => [each.host, each.target])).toEqual(passes ? [passes] : []);
});
