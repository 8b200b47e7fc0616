import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { type ClientRequest, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startWorld, type World } from './github-harness.ts';

let world: World;
let token: string;
beforeAll(async () => {
  process.env.KM_TEST_CANARY = 'of-the-parent';
  world = await startWorld();
  token = await world.mint('my-org');
});
afterAll(async () => {
  delete process.env.KM_TEST_CANARY;
  await world.close();
});

interface Child {
  readonly environment: string;
  readonly command: string;
}

/** The git processes that work on a world's repositories, as Linux shows them. */
const children = (of: World): Child[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
        if (!environment.includes(`GIT_PROJECT_ROOT=${of.dir}/`)) return [];
        return [{ environment, command: readFileSync(`/proc/${pid}/cmdline`, 'utf8') }];
      } catch {
        return []; // it has ended meanwhile
      }
    });

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await delay(5);
};

/** Begins a push whose body never ends, and waits until receive-pack works on it. */
const hang = async (on: World, token: string): Promise<ClientRequest> => {
  const open = request(`${on.github.url}/my-org/another-repo.git/git-receive-pack`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-git-receive-pack-request' },
  });
  open.on('error', () => {}); // it is cut off on purpose
  open.write('00a8');
  await until(() => children(on).some(({ command }) => command.includes('receive-pack')));
  return open;
};

describe.runIf(process.platform === 'linux')('the processes behind git over HTTP', () => {
  test("their environment holds nothing of the parent's, and no token", async () => {
    const open = await hang(world, token);
    const seen = children(world);
    open.destroy();
    for (const { environment, command } of seen) {
      expect(environment).not.toContain('KM_TEST_CANARY');
      expect(environment + command).not.toContain(token);
      const names = environment.split('\0').map((entry) => entry.replace(/=.*/s, ''));
      expect(names).toEqual(expect.arrayContaining(['GIT_CONFIG_NOSYSTEM', 'REMOTE_USER']));
      expect(names.filter((name) => /^(AWS_|NODE_|VITEST|KM_|SSH_|HTTP_AUTHORIZATION)/.test(name))).toEqual(
        [],
      );
    }
  });

  test('a client that goes away ends them', async () => {
    const open = await hang(world, token);
    open.destroy();
    await until(() => children(world).length === 0);
    expect((await world.git(['ls-remote', world.remote('my-org/another-repo.git', token)])).code).toBe(0);
  });

  test('closing the server ends them before it is closed', async () => {
    const own = await startWorld();
    await hang(own, await own.mint('my-org'));
    await own.github.close();
    expect(children(own).filter(({ command }) => command.includes('http-backend'))).toEqual([]);
    await until(() => children(own).length === 0);
    rmSync(own.dir, { recursive: true, force: true });
  });
});
