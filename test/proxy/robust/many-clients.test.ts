import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { ProxyScene } from '../server/scene.ts';
import { StreamingGitHub } from './streaming-github.ts';

const sha = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex');

test('200 clients at once each get their own answer, whole, and what they send arrives whole', async () => {
  const block = randomBytes(200_000);
  await using github = await StreamingGitHub.start((request, response) => {
    const hash = createHash('sha256');
    request.on('data', (part: Buffer) => hash.update(part));
    request.once('end', () => {
      const number = Number(/(\d+)$/.exec(request.url ?? '')?.[1]);
      response.setHeader('x-received', hash.digest('hex'));
      response.end(Buffer.concat([Buffer.from(`${number}:`), block.subarray(number)]));
    });
  });
  await using scene = await ProxyScene.start({ upstream: github.url });
  const answers = await Promise.all(
    Array.from({ length: 200 }, async (_, number) => {
      const isUpload = number % 2 === 1;
      const body = block.subarray(0, 100_000 + number);
      const {
        status,
        headers,
        body: got,
      } = await scene.request({
        host: isUpload ? 'github.com' : 'api.github.com',
        ...(isUpload ? { method: 'POST', body } : {}),
        target: isUpload ? '/my-org/my-repo.git/git-upload-pack' : `/repos/my-org/my-repo/commits/${number}`,
        headers: isUpload ? { 'content-type': 'application/x-git-upload-pack-request' } : {},
      });
      const sent = isUpload ? body : '';
      const expected = isUpload ? Number.NaN : number;
      return (
        status === 200 &&
        headers.get('x-received') === sha(sent) &&
        got.equals(Buffer.concat([Buffer.from(`${expected}:`), block.subarray(expected || 0)]))
      );
    }),
  );
  expect(answers.filter((isRight) => !isRight)).toEqual([]);
  expect(scene.audit).toHaveLength(200);
});

test('requests one after the other share one connection of the client, and one to GitHub', async () => {
  await using github = await StreamingGitHub.start((request, response) => {
    request.resume().once('end', () => response.end(`{"at":"${request.url}"}`));
  });
  await using scene = await ProxyScene.start({ upstream: github.url });
  const secure = await scene.secure('api.github.com');
  for (let number = 0; number < 20; number += 1) {
    secure.write(`GET /repos/my-org/my-repo/commits/${number} HTTP/1.1\r\nHost: api.github.com\r\n\r\n`);
    let text = '';
    while (!text.includes('}')) text += String((await once(secure, 'data'))[0]);
    expect(text).toContain(`/commits/${number}"`);
  }
  secure.destroy();
  expect(github.connections).toHaveLength(1);
});
