import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Asked, HOSTILE, PLAIN, promptFor, requestFor } from './hostile-urls.ts';
import { makePlace, type Place, run, SCRIPTS } from './scripts.ts';

const MANY = `${import.meta.dirname}/decide-many.bash`;
const RUNS = 10_000;
const LISTED = ['my-user/my-repo', 'my-org/another-repo', 'wide/*'];
let place: Place;

beforeAll(() => {
  place = makePlace({ repos: LISTED, tokens: ['my-user /a/b', 'my-org /a/c', 'wide /a/d'] });
});
afterAll(() => place.remove());

/** Who is answered by right, found by another way than the scripts': one expression over the whole prompt. */
function rightfulOwner(prompt: string): string {
  const parts =
    /^(?:Username|Password) for 'https:\/\/(?:x-access-token@)?github\.com\/([a-z0-9][\w-]*\/[\w.-]+?)(?:\.git)?(?:\/info\/lfs)?': $/i.exec(
      prompt,
    );
  if (!parts || !/^(?:Username|Password) for 'https:\/\/(?:x-access-token@)?[^@/]*\//.test(prompt))
    return '-';
  const [owner = '', repo = ''] = (parts[1] ?? '').toLowerCase().split('/');
  if (repo === '.' || repo === '..') return '-';
  return LISTED.includes(`${owner}/${repo}`) || LISTED.includes(`${owner}/*`) ? owner : '-';
}

const sharp = fc.constantFrom(
  ...[
    '@',
    ':',
    '/',
    '\\',
    '.',
    '..',
    '%',
    '%2F',
    '%40',
    '%0a',
    '%0d',
    '%2e',
    '\n',
    '\r',
    '\t',
    ' ',
    "'",
    "': ",
    '?',
  ],
  ...[
    '#',
    '*',
    '[',
    ']',
    '$(id)',
    '`',
    '\u001b[2K',
    '\u200b',
    '\u212a',
    '\u0456',
    '\uff0e',
    '.git',
    ':443',
    ':80',
  ],
  ...[
    '//',
    '/info/lfs',
    'x-access-token',
    'x-access-token@',
    'github.com',
    'evil.example',
    'GITHUB.COM',
    'http',
    '=',
  ],
  ...[
    'host=',
    'my-user',
    'my-repo',
    'MY-REPO',
    'wide',
    'my-org',
    '-',
    'K',
    'ı',
    'ſ',
    '\u0000'.replace('\0', '%00'),
  ],
);
const text = fc.array(fc.oneof({ weight: 4, arbitrary: sharp }, { weight: 1, arbitrary: fc.string() }), {
  maxLength: 4,
});
const noise = text.map((parts) => parts.join('').replaceAll('\0', ''));

/** Something right with something wrong put into it at any place, so that most are nearly right. */
const spoiled = (...right: string[]) =>
  fc
    .tuple(fc.constantFrom(...right), noise, fc.nat(40), fc.integer({ min: 0, max: 3 }))
    .map(([word, wrong, at, cut]) => word.slice(0, at) + wrong + word.slice(at + cut));
const part = (...right: string[]) =>
  fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...right) }, { weight: 1, arbitrary: spoiled(...right) });

const asked: fc.Arbitrary<Required<Asked>> = fc.record({
  protocol: part('https', 'https', 'http'),
  host: part('github.com', 'github.com', 'GitHub.com', 'evil.example'),
  path: part(
    'my-user/my-repo.git',
    'my-org/another-repo',
    'wide/any.thing',
    'my-user/other',
    'wide/a/info/lfs',
  ),
  username: part('', '', 'x-access-token', 'git'),
});
const prompt = fc.oneof(
  { weight: 5, arbitrary: asked.map((parts) => promptFor(parts)) },
  { weight: 1, arbitrary: asked.map((parts) => promptFor(parts, 'Username')) },
  { weight: 2, arbitrary: spoiled(promptFor({}), promptFor({ path: 'wide/x' })) },
  { weight: 1, arbitrary: noise },
);

const decide = async (kind: 'prompt' | 'request', texts: readonly string[]): Promise<string[]> => {
  const { stdout, stderr } = await run(MANY, [place.scripts, kind], {
    input: texts.map((each) => `${each}\0`).join(''),
  });
  expect(stderr).toBe('');
  return stdout.trimEnd().split('\n');
};

describe('over ten thousand generated prompts', () => {
  const prompts = fc.sample(prompt, { numRuns: RUNS, seed: 20261120 });

  test('there is an answer for the configured host and an allowed repo, and for no other', async () => {
    const owners = await decide('prompt', prompts);
    expect(owners).toHaveLength(RUNS);
    const wrong = prompts.flatMap((each, index) =>
      owners[index] === rightfulOwner(each) ? [] : [{ prompt: each, answered: owners[index] }],
    );
    expect(wrong).toEqual([]);
  });

  test('both answers and refusals are among them', () => {
    const answered = prompts.filter((each) => rightfulOwner(each) !== '-');
    expect(answered.length).toBeGreaterThan(RUNS / 20);
    expect(answered.length).toBeLessThan(RUNS / 2);
    expect(new Set(prompts).size).toBeGreaterThan(RUNS / 2);
  });

  test('askpass itself decides three hundred of them alike', async () => {
    for (const each of new Set(prompts.slice(0, 300).map((text) => text.replace(/^Password/, 'Username')))) {
      const { status, stdout } = await run(`${place.scripts}/km-git-askpass`, [each]);
      const isRightful = rightfulOwner(each) !== '-';
      expect({ each, status, stdout }).toEqual(
        isRightful ? { each, status: 0, stdout: 'x-access-token\n' } : { each, status: 1, stdout: '' },
      );
    }
  });
});

/** The same for a helper's request: its attributes by git's own format, then the prompt that they would make. */
function rightfulOwnerOfRequest(request: string): string {
  const [lines = '', ...behind] = request.replace(/\n{1,2}$/, '').split('\n\n');
  const pairs = lines.split('\n').map((line) => /^([^=]+)=(.*)$/s.exec(line));
  const keys = pairs.map((pair) => pair?.[1] ?? '').filter((key) => !key.endsWith('[]'));
  if (behind.join('') !== '' || /[^\P{Cc}\n\u0080-\u009f]/u.test(request)) return '-';
  if (new Set(keys).size < keys.length || !keys.every((key) => /^[\w-]+$/.test(key) && key !== 'url'))
    return '-';
  const {
    protocol = '',
    host = '',
    path = '',
    username = '',
  } = Object.fromEntries(pairs.map((pair) => [pair?.[1], pair?.[2]]));
  if (/[/@]/.test(host) || path === '') return '-';
  return rightfulOwner(promptFor({ protocol, host, path, username }));
}

describe('over ten thousand generated requests to the helper', () => {
  const requests = fc.sample(asked, { numRuns: RUNS, seed: 1120 }).map(requestFor);

  test('there is an answer for the configured host and an allowed repo, and for no other', async () => {
    const owners = await decide('request', requests);
    const wrong = requests.flatMap((each, index) =>
      owners[index] === rightfulOwnerOfRequest(each) ? [] : [{ request: each, answered: owners[index] }],
    );
    expect(wrong).toEqual([]);
  });

  test('the helper itself refuses three hundred of the wrong ones', async () => {
    const refused = requests.filter((each) => rightfulOwnerOfRequest(each) === '-').slice(0, 300);
    for (const input of refused) {
      const { stdout } = await run(`${place.scripts}/km-git-credential-helper`, ['get'], { input });
      expect(['', 'quit=1\n']).toContain(stdout);
    }
  });
});

test.each(HOSTILE)('the published trick is refused in both forms: $trick', async (each) => {
  expect(await decide('prompt', [promptFor(each)])).toEqual(['-']);
  expect(await decide('request', [requestFor({ ...PLAIN, ...each })])).toEqual(['-']);
});

test('the decision reads nothing but the policy beside the scripts', async () => {
  const env = {
    KM_POLICY: '/dev/null',
    policy_text: '\nversion 1\ngit https://evil.example\nrepo *\n',
    BASH_ENV: '/dev/null',
  };
  const { status } = await run(`${place.scripts}/km-git-askpass`, [promptFor({ host: 'evil.example' })], {
    env,
  });
  expect(status).toBe(1);
  expect(SCRIPTS).not.toBe(place.scripts);
});
