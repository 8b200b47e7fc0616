import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { decidePush } from '../../../lib/guard/decide-push.ts';
import type { GuardPolicy } from '../../../lib/guard/guard-policy.ts';
import { readReceivePack } from '../../../lib/proxy/git/read-receive-pack.ts';
import type { ReceivePackRequest } from '../../../lib/proxy/git/receive-pack-request.ts';
import { asksForReport, refusePush } from '../../../lib/proxy/git/refuse-push.ts';
import { FLUSH, line } from './push-stream.ts';
import { commit, git, runGitBeside, temporaryFolder } from './real-git.ts';

const POLICY: GuardPolicy = {
  allowedRefs: ['main', 'release/*'],
  allowForcePushes: false,
  allowDeletions: false,
};
const OFFERED =
  'report-status report-status-v2 delete-refs side-band-64k quiet atomic ofs-delta push-options object-format=sha1 agent=x';

interface Served {
  readonly clone: string;
  readonly requests: readonly ReceivePackRequest[];
  readonly push: (...args: readonly string[]) => ReturnType<typeof runGitBeside>;
}

/** A clone with one commit more than its remote, and a server that tells it what `policy` denies, and takes nothing. */
const serve = async (offered = OFFERED, policy: GuardPolicy = POLICY): Promise<Served> => {
  const folder = temporaryFolder();
  const clone = join(folder, 'clone');
  git(folder, ['init', '-q', clone]);
  const first = commit(clone, 'first');
  git(clone, ['update-ref', 'refs/heads/main', commit(clone, 'second', first)]);
  const advertised = Buffer.concat([
    line('# service=git-receive-pack\n'),
    FLUSH,
    line(`${first} refs/heads/main\0${offered}\n`),
    line(`${first} refs/heads/release/1\n`),
    FLUSH,
  ]);

  const requests: ReceivePackRequest[] = [];
  const server = createServer(async (request, response) => {
    if (request.method === 'GET') {
      response.setHeader('content-type', 'application/x-git-receive-pack-advertisement').end(advertised);
      return;
    }
    const push = await readReceivePack(request[Symbol.asyncIterator]());
    if (!push.allowed) {
      response.writeHead(push.status).end(push.reason);
      return;
    }
    for await (const _ of push.pack);
    requests.push(push.request);
    const denials = decidePush(policy, push.request.commands);
    response.setHeader('content-type', 'application/x-git-receive-pack-result');
    response.end(push.request.commands.length === 0 ? '' : refusePush(push.request, denials));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  git(clone, [
    'remote',
    'add',
    'origin',
    `http://127.0.0.1:${(server.address() as AddressInfo).port}/o/r.git`,
  ]);
  return { clone, requests, push: (...args) => runGitBeside(clone, ['push', ...args]) };
};

const rejected = (output: string): string[] => output.split('\n').filter((text) => text.startsWith(' !'));

test.each<[said: string, without: readonly string[]]>([
  ['in a side band, as report-status-v2', []],
  ['in a side band, as report-status', ['report-status-v2']],
  ['plain, as report-status-v2', ['side-band-64k']],
  ['plain, as report-status', ['side-band-64k', 'report-status-v2']],
])('git shows a refused push, %s', async (_said, without) => {
  const offered = OFFERED.split(' ').filter((word) => !without.includes(word));
  const { push } = await serve(offered.join(' '));
  const { status, output } = await push('origin', 'main:refs/heads/dev');
  expect(rejected(output)).toEqual([
    " ! [remote rejected] main -> dev ([km] Push to 'dev' denied -- not in allowedRefs: main release/*)",
  ]);
  expect(status).toBe(1);
});

test('every ref of a refused push is told why, also the one that was allowed', async () => {
  const { push } = await serve();
  const { status, output } = await push(
    'origin',
    'main:refs/heads/release/2',
    'main:refs/heads/dev',
    'main:refs/tags/v1',
    ':release/1',
  );
  expect(rejected(output).sort()).toEqual([
    " ! [remote rejected] main -> dev ([km] Push to 'dev' denied -- not in allowedRefs: main release/*)",
    ' ! [remote rejected] main -> release/2 ([km] not pushed: another ref of this push was denied)',
    " ! [remote rejected] main -> v1 ([km] Push to 'v1' denied -- not in allowedRefs: main release/*)",
    " ! [remote rejected] release/1 ([km] Deletion of 'release/1' denied -- allowDeletions is not set)",
  ]);
  expect(status).toBe(1);
});

test('an atomic push with options is refused like any other', async () => {
  const { push, requests } = await serve();
  const { output } = await push('--atomic', '-o', 'ci.skip', 'origin', 'main:refs/heads/dev');
  expect(rejected(output)).toHaveLength(1);
  expect(requests.at(-1)).toMatchObject({ pushOptions: ['ci.skip'] });
  expect(requests.at(-1)?.capabilities).toContain('atomic');
});

test('a push too large for one buffer is refused after its probe', async () => {
  const { push, requests } = await serve();
  const { output } = await push(
    'origin',
    ...Array.from({ length: 30 }, (_, index) => `main:refs/heads/b${index}`),
  );
  expect(rejected(output)).toHaveLength(30);
  expect(requests.at(-1)?.commands).toHaveLength(30);
});

test('a shallow clone says what it is cut off at, and is refused like any other', async () => {
  const { clone, push, requests } = await serve();
  const main = git(clone, ['rev-parse', 'main']);
  writeFileSync(join(clone, '.git', 'shallow'), `${main}\n`);
  const { output } = await push('-f', 'origin', 'main:refs/heads/dev');
  expect(rejected(output)).toHaveLength(1);
  expect(requests.at(-1)).toMatchObject({ shallow: [main], commands: [{ newId: main }] });
});

test('git shows no more of a message than fits a packet', async () => {
  const allowedRefs = Array.from({ length: 1_000 }, (_, index) => `release/with-a-name-${index}/*`);
  const { push } = await serve(OFFERED, { ...POLICY, allowedRefs });
  const { output } = await push('origin', 'main:refs/heads/dev');
  const [shown = ''] = rejected(output);
  expect(shown).toContain("([km] Push to 'dev' denied -- not in allowedRefs: release/with-a-name-0/*");
  expect(shown.endsWith('...)')).toBe(true);
});

test('a report past one packet of the side band goes into several', async () => {
  const { push } = await serve();
  const refs = Array.from({ length: 800 }, (_, index) => `refs/heads/${'x'.repeat(60)}${index}`);
  const { output, status } = await push('origin', ...refs.map((ref) => `main:${ref}`));
  expect(rejected(output)).toHaveLength(800);
  expect(status).toBe(1);
});

const commands = [{ ref: 'refs/heads/dev', oldId: '0'.repeat(40), newId: 'a'.repeat(40) }];
const denials = [
  { ref: 'refs/heads/dev', reason: 'ref' as const, message: '[km] no\r\nunpack ok \u{1f512}' },
];
const answer = (...capabilities: string[]): string =>
  refusePush({ commands, capabilities: new Set(capabilities) }, denials).toString();

test.each([
  [['report-status'], '000eunpack ok\n002dng refs/heads/dev [km] no unpack ok \u{1f512}\n0000'],
  [
    ['report-status', 'side-band-64k'],
    '0044\u0001000eunpack ok\n002dng refs/heads/dev [km] no unpack ok \u{1f512}\n00000000',
  ],
  [
    ['report-status-v2', 'side-band'],
    '0044\u0001000eunpack ok\n002dng refs/heads/dev [km] no unpack ok \u{1f512}\n00000000',
  ],
  [['side-band-64k'], '001c\u0003[km] no unpack ok \u{1f512}\n0000'],
  [[], '001fERR [km] no unpack ok \u{1f512}\n'],
])('what is sent to a client that asks for %j', (capabilities, expected) => {
  expect(answer(...capabilities)).toBe(expected);
});

test('only a client that asks for a report is told within the protocol', () => {
  expect(asksForReport({ capabilities: new Set(['report-status']) })).toBe(true);
  expect(asksForReport({ capabilities: new Set(['report-status-v2']) })).toBe(true);
  expect(asksForReport({ capabilities: new Set(['side-band-64k']) })).toBe(false);
});
