import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run, SCRIPTS } from './scripts.ts';

const files = readdirSync(SCRIPTS, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && !entry.name.startsWith('.') && entry.name !== 'git-settings')
  .map((entry) => join(entry.parentPath, entry.name));

const text = (file: string): string => readFileSync(file, 'utf8');

test.each(files)('%s says in its header what it does, and keeps to one job', (file) => {
  const lines = text(file).split('\n');
  expect(lines.slice(0, 4).join('\n')).toMatch(/^# Summary: .+$/m);
  if (lines[0]?.startsWith('#!')) {
    expect(lines[0]).toBe('#!/bin/bash -p');
    expect(text(file)).toMatch(/^# Usage: .+$/m);
    expect(text(file)).toMatch(/^set -euo pipefail$/m);
  }
  expect(lines.length).toBeLessThan(90);
});

test('what git runs on the way to a credential calls curl alone', () => {
  const allowed = /^(?:curl|aws|sleep|date|timeout|bash)$/;
  const tools =
    /(?:^|[|;&(]\s*|\b(?:exec|then|do|else)\s+)(jq|sed|awk|grep|cut|tr|python\d?|perl|openssl|cat|head|tail|date|sleep|timeout|curl|aws)\b/gm;
  const called = files
    .filter((file) => !/install|hooks\//.test(file))
    .flatMap((file) =>
      [
        ...text(file)
          .replaceAll(/^\s*#.*$/gm, '')
          .matchAll(tools),
      ].map((match) => match[1] ?? ''),
    );
  expect(called.filter((name) => !allowed.test(name))).toEqual([]);
  expect(called).toContain('curl');
});

const hasShellCheck = (await run('sh', ['-c', 'command -v shellcheck'])).status === 0;

// `npm run check` runs it too, and says so where it is not installed.
test.runIf(hasShellCheck)('shellcheck finds nothing', async () => {
  const own = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.bash'));
  const all = [...files, ...own.map((name) => join(import.meta.dirname, name))];
  expect(await run('shellcheck', ['-x', ...all], { cwd: '/' })).toEqual({
    status: 0,
    stdout: '',
    stderr: '',
  });
});
