/**
 * `npm run check`: types, lint and format, import directions, shell scripts, and cdk-nag over both stacks.
 * Runs them all, says which failed, and exits 1 when one did. A tool that is not installed is named, not passed over.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const bin = (name: string): string => join(root, 'node_modules', '.bin', name);

const isShellScript = (file: string): boolean =>
  /^#!.*\b(?:ba)?sh\b/.test(readFileSync(file, 'utf8').slice(0, 40)) || /\.(?:ba)?sh$/.test(file);

const shellScripts = ['scripts/sandbox', 'scripts/proxy', '.ci'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter(isShellScript),
);

interface Check {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Skipped with a word when the command is not installed. */
  readonly optional?: boolean;
}

const checks: readonly Check[] = [
  { name: 'types', command: bin('tsc'), args: ['--project', root] },
  { name: 'lint and format', command: bin('biome'), args: ['ci', '--error-on-warnings', '.'] },
  {
    name: 'import directions',
    command: bin('vitest'),
    args: ['run', 'test/import-directions.test.ts', '--reporter=dot'],
  },
  { name: 'shell scripts', command: 'shellcheck', args: ['-x', ...shellScripts], optional: true },
  {
    name: 'cdk-nag',
    command: process.execPath,
    args: ['bin/cdk.ts'],
    env: { CDK_OUTDIR: join(root, 'cdk.out'), CDK_VALIDATION: 'true' },
  },
];

let failed = 0;
for (const { name, command, args, env, optional } of checks) {
  const { error, status, stdout, stderr } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  if (optional && (error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') {
    console.log(`- ${name}: skipped, ${command} is not installed`);
    continue;
  }
  console.log(`${status === 0 ? '✓' : '✗'} ${name}`);
  if (status === 0) continue;
  failed += 1;
  console.log(`${stdout}${stderr}${error?.message ?? ''}`);
}
console.log(failed === 0 ? 'All checks passed.' : `${failed} check(s) failed.`);
process.exitCode = failed === 0 ? 0 : 1;
