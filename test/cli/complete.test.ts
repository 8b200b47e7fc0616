import { expect, test } from 'vitest';
import { complete } from '../../lib/cli/complete.ts';

test.each([
  [[''], expect.arrayContaining(['create', 'list', 'local', 'completion', 'help']), 'none'],
  [['local', ''], expect.arrayContaining(['up', 'down', 'advance']), 'none'],
  [['create', ''], [], 'file'],
  [['create', '--'], expect.arrayContaining(['--dry-run', '--ttl', '--local', '--json', '--help']), 'none'],
  [['create', '--ttl', ''], [], 'none'],
  [['create', '--id', 'sb-00000000', ''], [], 'file'],
  [['describe', ''], [], 'sandbox'],
  [['describe', 'sb-00000000', ''], [], 'none'],
  [['destroy', 'sb-00000000', ''], [], 'sandbox'],
  [['pause', ''], [], 'sandbox'],
  [['update', ''], [], 'sandbox'],
  [['update', 'sb-00000000', ''], [], 'file'],
  [['revoke', ''], [], 'sandbox'],
  [['revoke', '--owner', ''], [], 'owner'],
  [['extend', 'sb-00000000', '--ttl', ''], [], 'none'],
  [['token', 'sb-00000000', '--owner', ''], [], 'owner'],
  [['install-script', '--format', ''], [], 'format'],
  [['install-script', 'sb-00000000', '--local', '--state', ''], [], 'file'],
  [['exec', 'sb-00000000', '--', 'git', ''], [], 'file'],
  [['validate', 'a.yaml', ''], [], 'file'],
  [['completion', ''], [], 'shell'],
  [['local', 'up', '--'], expect.arrayContaining(['--seed', '--foreground']), 'none'],
  [['local', '--'], ['--help'], 'none'],
])('after km %j come the words and values that fit there', (typed, words, values) => {
  expect(complete(typed)).toEqual({ words, values });
});

test('a command that talks to no cloud is not offered the options of one', () => {
  expect(complete(['validate', '--']).words).not.toContain('--local');
});
