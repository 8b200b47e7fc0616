import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { explainFileError, explainRefusal } from '../../lib/cli/explain-file-error.ts';
import { KmError } from '../../lib/errors.ts';

test('what the file system refuses is no fault of km: the path, why, and where else', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'km-file-error-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'file'), '');
  for (const path of [join(folder, 'file'), join(folder, 'file', 'below')]) {
    const error = await mkdir(path, { recursive: path.endsWith('file') }).catch((cause: unknown) => cause);
    expect(explainFileError(error)).toMatchObject({
      code: 'ErrFile',
      message: expect.stringContaining(path),
      remedy: expect.stringContaining('XDG_STATE_HOME'),
    });
  }
});

test.each([
  new Error('a bug'),
  Object.assign(new Error('no path'), { code: 'EACCES' }),
  Object.assign(new Error('gone'), { code: 'ENOENT', path: '/x', syscall: 'open' }),
  new KmError('ErrUsage', 'known already'),
  'not an error',
])('%s stays as it is', (error) => {
  expect(explainFileError(error)).toBe(error);
});

test.each([
  ['ENOENT', 'there is no such file'],
  ['EISDIR', 'it is a directory'],
  ['EACCES', 'its permissions do not let you'],
])('%s of a file that an option names is told in words, with what to do about the option', (code, why) => {
  const cause = Object.assign(new Error('refused'), { code });
  expect(explainRefusal(cause, { what: 'The log /x cannot be read', remedy: 'See --audit.' })).toMatchObject({
    code: 'ErrFile',
    message: `The log /x cannot be read: ${why}.`,
    remedy: 'See --audit.',
    cause,
  });
});

test.each([new Error('a bug'), new KmError('ErrUsage', 'known already')])(
  '%s is no refusal of a file',
  (error) => {
    expect(explainRefusal(error, { what: 'x', remedy: 'y' })).toBe(error);
  },
);
