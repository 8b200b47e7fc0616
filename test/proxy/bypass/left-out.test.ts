import { expect, test } from 'vitest';
import { EVERYTHING, ProxyScene, TOKEN } from '../server/scene.ts';
import { head } from './shots.ts';

const FIRST = 'POST /repos/my-org/my-repo/issues HTTP/1.1';
const HOST = 'Host: api.github.com';
const CLOSE = 'Connection: close';
/** What must not arrive in any form. */
const MARK = 'smuggled';

const headed = (line: string): string => `${head(FIRST, HOST, CLOSE, 'Content-Length: 2', line)}{}`;
const chunked = (body: string): string => head(FIRST, HOST, CLOSE, 'Transfer-Encoding: chunked') + body;

/** All that arrives at GitHub of a request, beside the token of the sandbox. */
const arriving = async (raw: string): Promise<string> => {
  await using scene = await ProxyScene.start({ policy: EVERYTHING });
  const answer = await scene.rawSecure('api.github.com', raw);
  expect(answer).toMatch(/^HTTP\/1\.1 (?:100 Continue\r\n\r\nHTTP\/1\.1 )?200 /);
  expect(scene.seen).toHaveLength(1);
  expect(scene.seen[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
  return JSON.stringify(scene.seen.map(({ body, ...rest }) => [rest, body.toString('latin1')]));
};

test.concurrent.each([
  ['an Authorization', headed(`Authorization: Bearer ${MARK}`)],
  ['a cookie', headed(`Cookie: user_session=${MARK}`)],
  ['an API key', headed(`X-Api-Key: ${MARK}`)],
  ["GitLab's token", headed(`Private-Token: ${MARK}`)],
  ['a one-time password', headed(`X-GitHub-OTP: ${MARK}`)],
  ['a second Host', headed(`X-Forwarded-Host: ${MARK}`)],
  ['a Host as proxies write it', headed(`Forwarded: host=${MARK}`)],
  ['a Host as some servers read it', headed(`X-Host: ${MARK}`)],
  ['an address of its own', headed(`X-Forwarded-For: ${MARK}`)],
  ['a path before the path', headed(`X-Forwarded-Prefix: /${MARK}`)],
  ['a referrer', headed(`Referer: https://${MARK}`)],
  ['an origin', headed(`Origin: https://${MARK}`)],
  ['a coding that it would take', headed(`TE: trailers, ${MARK}`)],
  ['trailers that it announces', headed(`Trailer: ${MARK}`)],
  ['a header that nobody knows', headed(`X-Anything: ${MARK}`)],
  ['a trailer', chunked(`2\r\n{}\r\n0\r\nAuthorization: ${MARK}\r\n\r\n`)],
  ['a chunk extension', chunked(`2;${MARK}=${MARK}\r\n{}\r\n0\r\n\r\n`)],
  ['an extension of the last chunk', chunked(`2\r\n{}\r\n0;${MARK}\r\n\r\n`)],
])('%s is left out of what arrives', async (_, raw) => {
  expect(await arriving(raw)).not.toContain(MARK);
});

test.concurrent.each([
  ['a header that is let through', headed(`User-Agent: ${MARK}`)],
  ['the body', chunked(`8\r\n${MARK}\r\n0\r\n\r\n`)],
])('as a control, %s arrives', async (_, raw) => {
  expect(await arriving(raw)).toContain(MARK);
});
