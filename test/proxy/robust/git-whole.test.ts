import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addIncompressible, checkWhole, gitEnvironment, mainOf } from '../../bench/proxy/big-repository.ts';
import { Stage } from '../../bench/proxy/stage.ts';

let stage: Stage;
let source: string;
const git = (...args: readonly string[]) =>
  promisify(execFile)('git', args, { env: gitEnvironment(stage.dir), encoding: 'utf8' });

beforeAll(async () => {
  stage = await Stage.start();
  source = join(stage.dir, 'source.git');
  await git('clone', '--quiet', '--bare', stage.github.repositories.pushed ?? '', source);
  await addIncompressible(source, 40);
});
afterAll(() => stage[Symbol.asyncDispose]());

test('a push of 40 MiB arrives whole over TLS, and so does a clone of it', async () => {
  const { git: options, remote } = stage.way('km');
  const url = `${remote}/my-org/pushed.git`;
  await git('-C', source, ...options, 'push', '--quiet', url, 'main');
  const pushed = stage.github.repositories.pushed ?? '';
  expect(mainOf(pushed)).toBe(mainOf(source));
  checkWhole(pushed);

  const clone = join(stage.dir, 'clone.git');
  await git(...options, 'clone', '--quiet', '--bare', url, clone);
  expect(mainOf(clone)).toBe(mainOf(source));
  checkWhole(clone);
  rmSync(clone, { recursive: true });
});
