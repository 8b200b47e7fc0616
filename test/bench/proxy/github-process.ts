/**
 * A process of the bench: the local GitHub, and beside it a server of bytes that stands for GitHub's downloads and
 * uploads. Tells its parent the ports and a token of my-org.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { startWorld } from '../../local/github-harness.ts';
import type { GitHubStarted } from './stage.ts';

const REPOS = ['small', 'cloned', 'pushed'];
const BLOCK = Buffer.alloc(1024 * 1024, 'incompressible, as far as anybody here looks ');

const world = await startWorld({
  seed: {
    accounts: [{ login: 'my-org', type: 'Organization', repos: REPOS }],
    app: {
      slug: 'bench',
      permissions: { contents: 'write', metadata: 'read' },
      installations: [{ account: 'my-org', repositories: 'all' }],
    },
  },
});

/** GET /…/SIZE in bytes is answered with as many; what is posted is counted. */
const bytes = createServer((request, response) => {
  if (request.method === 'POST') {
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
    });
    request.on('end', () => response.writeHead(201).end(`{"size":${length}}`));
    return;
  }
  const size = Number(/(\d+)$/.exec(request.url ?? '')?.[1] ?? 0);
  response.writeHead(200, { 'content-length': size, 'content-type': 'application/octet-stream' });
  const blocks = function* () {
    for (let left = size; left > 0; left -= BLOCK.length)
      yield BLOCK.subarray(0, Math.min(left, BLOCK.length));
  };
  Readable.from(blocks()).pipe(response);
  response.on('error', () => undefined);
});
await new Promise<void>((resolve) => bytes.listen(0, '127.0.0.1', resolve));

const token = await world.mint('my-org');
const pathOf = async (name: string): Promise<[string, string]> => {
  const { body } = await world.rest('GET', `/repos/my-org/${name}`, token);
  return [name, join(world.dir, 'state', 'repos', `${body.id}.git`)];
};

process.send?.({
  port: world.github.port,
  bytesPort: (bytes.address() as AddressInfo).port,
  repositories: Object.fromEntries(await Promise.all(REPOS.map(pathOf))),
  token,
} satisfies GitHubStarted);
process.once('disconnect', () => {
  world.close().finally(() => process.exit());
});
