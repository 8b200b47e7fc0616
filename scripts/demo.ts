/**
 * `npm run demo`: the whole way on this machine, without accounts. Starts a local AWS and GitHub, makes a sandbox from
 * examples/profile.yaml, and lets its real git do what it may and what it may not. Ends with exit code 1 if anything
 * went otherwise than it says here, and leaves nothing behind.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { styleText } from 'node:util';

const root = resolve(import.meta.dirname, '..');
const km = join(root, 'dist', 'km.js');
const folder = await mkdtemp(join(tmpdir(), 'km-demo-'));
const state = join(folder, 'cloud');
const env = { PATH: process.env.PATH ?? '', HOME: join(folder, 'home'), TERM: process.env.TERM ?? 'dumb' };

interface Step {
  readonly say: string;
  readonly args: readonly string[];
  /** What the command must end with; default 0. `refused`: anything but 0. */
  readonly expect?: 'refused';
  /** What its output must hold. */
  readonly shows?: RegExp;
  /** How the command is shown, when that is not what is run. */
  readonly as?: string;
}

const style = (format: Parameters<typeof styleText>[0], text: string) =>
  styleText(format, text, { stream: process.stdout });

function run(args: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((done, reject) => {
    const child = spawn(process.execPath, [km, ...args], {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        output += chunk;
      });
    }
    child.once('error', reject);
    child.once('close', (code) => done({ code: code ?? 1, output }));
  });
}

let failures = 0;

async function step({ say, args, expect, shows, as }: Step): Promise<string> {
  console.log(`\n${style('bold', say)}`);
  const command =
    as ?? `km ${args.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`)).join(' ')}`;
  console.log(style('cyan', `$ ${command}`));
  const withState = args.includes('--')
    ? [...args.slice(0, args.indexOf('--')), '--state', state, ...args.slice(args.indexOf('--'))]
    : [...args, ...(args[0] === 'validate' ? [] : ['--state', state])];
  const { code, output } = await run(withState);
  console.log(output.trimEnd().replaceAll(/^/gm, '  '));
  const asExpected = (expect === 'refused' ? code !== 0 : code === 0) && (shows?.test(output) ?? true);
  if (!asExpected) {
    failures += 1;
    console.log(style('red', `  ✗ not as expected (exit code ${code})`));
  } else if (expect === 'refused') console.log(style('green', '  ✓ refused, as it should be'));
  return output;
}

const inRepo = (id: string, script: string, rest: Omit<Step, 'args' | 'as'>) =>
  step({
    ...rest,
    args: ['exec', id, '--', 'bash', '-c', `cd ${folder}/my-repo && ${script}`],
    as: `km exec ${id} -- ${script}`,
  });

try {
  await step({
    say: '1. A local AWS and GitHub, with the platform deployed and a GitHub App installed',
    args: ['local', 'up'],
  });
  await step({
    say: '2. A profile: two owners, two refs that may be pushed',
    args: ['validate', 'examples/profile.yaml'],
  });
  const created = await step({
    say: '3. A sandbox from it: a key, a role, a first token and a 40-minute schedule',
    args: ['create', 'examples/profile.yaml'],
    shows: /is ready/,
  });
  const id = /\b[a-z][a-z0-9]*-[0-9a-f]{8}\b/.exec(created)?.[0] ?? 'sb-00000000';
  const clone = (repo: string, to: string) => [
    'exec',
    id,
    '--',
    'git',
    'clone',
    '--quiet',
    `https://github.com/${repo}`,
    join(folder, to),
  ];
  await step({
    say: '4. Its git clones a private repo; nobody typed a password',
    args: clone('my-user/my-repo', 'my-repo'),
    as: `km exec ${id} -- git clone https://github.com/my-user/my-repo`,
  });
  await inRepo(id, 'git commit --quiet --allow-empty -m demo && git push origin HEAD:main', {
    say: '5. It pushes to main, which the profile allows',
  });
  await inRepo(id, 'git push origin HEAD:dev', {
    say: '6. It may not push to dev',
    expect: 'refused',
    shows: /\[km\] Push to 'dev' denied -- not in allowedRefs/,
  });
  await step({
    say: '7. A repo that the profile does not name is out of reach',
    args: clone('my-org/private-repo', 'private'),
    as: `km exec ${id} -- git clone https://github.com/my-org/private-repo`,
    expect: 'refused',
    shows: /\[km\] No credential: my-org\/private-repo is not in this sandbox's allowedRepos/,
  });
  await step({
    say: '8. Forty-one minutes later the schedule has refreshed the token',
    args: ['local', 'advance', '41m'],
  });
  await step({
    say: '   and git goes on',
    args: clone('my-org/another-repo', 'another-repo'),
    as: `km exec ${id} -- git clone https://github.com/my-org/another-repo`,
  });
  await step({ say: '9. What there is', args: ['list'] });
  await step({
    say: '10. The end: tokens revoked, parameters deleted, the key on its way out',
    args: ['destroy', id],
  });
} finally {
  await run(['local', 'down', '--state', state]);
  await rm(folder, { recursive: true, force: true });
}
console.log(
  failures === 0
    ? style('green', '\nEverything went as it should.')
    : style('red', `\n${failures} step(s) went otherwise.`),
);
process.exitCode = failures === 0 ? 0 : 1;
