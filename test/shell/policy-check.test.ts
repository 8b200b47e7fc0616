import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makePlace, type Place, policyText, run } from './scripts.ts';

const POLICY = policyText({ refs: ['main', 'release/*', 'v[0-9]*'] });
let place: Place;

beforeAll(() => {
  place = makePlace();
});
afterAll(() => place.remove());

describe('a policy is not installed, and each bad line is named, when it has', () => {
  const without = (line: string): string => POLICY.replace(new RegExp(`^${line} .*\n`, 'm'), '');

  test.each([
    ['an empty policy', '', "The policy does not begin with 'version 1', or its last line has no end."],
    [
      'another version',
      POLICY.replace('version 1', 'version 2'),
      "The policy does not begin with 'version 1'",
    ],
    ['no end of the last line', POLICY.trimEnd(), 'its last line has no end'],
    ['carriage returns', POLICY.replaceAll('\n', '\r\n'), "The policy does not begin with 'version 1'"],
    [
      'a carriage return',
      POLICY.replace('repo my-user/my-repo', 'repo my-user/my-repo\r'),
      "bad line 8: $'repo my-user/my-repo\\r'",
    ],
    ['an unknown key', `${POLICY}allow all\n`, 'bad line'],
    ['a key alone', `${POLICY}repo\n`, 'bad line'],
    ['an empty line', `${POLICY}\n`, 'bad line'],
    ['an indented line', POLICY.replace('region', ' region'), 'bad line 3'],
    ['a second git', `${POLICY}git https://evil.example\n`, 'says git twice'],
    ['a second force', `${POLICY}force yes\n`, 'says force twice'],
    ['no git', without('git'), 'does not say: git'],
    ['no ssm', without('ssm'), 'does not say: ssm'],
    ['no refs', without('refs'), 'does not say: refs'],
    ['an http host', POLICY.replace('https://github.com', 'http://github.com'), 'bad line 4'],
    [
      'an http host that begins like loopback',
      POLICY.replace('https://github.com', 'http://127.0.0.1.example.com:80'),
      'bad line 4',
    ],
    ['a host with a path', POLICY.replace('https://github.com', 'https://github.com/x'), 'bad line 4'],
    ['a host with a user', POLICY.replace('https://github.com', 'https://x@github.com'), 'bad line 4'],
    ['an endpoint with a quote', POLICY.replace('ssm https://', 'ssm https://"'), 'bad line 5'],
    ['a region with a quote', POLICY.replace('us-east-1\n', 'us-east-1"\n'), 'bad line 3'],
    ['a parameter with a quote', POLICY.replace('/github-token\n', '/github-token"\n'), 'bad line 6'],
    ['a parameter without a slash', POLICY.replace('my-user /', 'my-user '), 'bad line 6'],
    ['an owner in capitals', POLICY.replace('token my-user', 'token My-User'), 'bad line 6'],
    ['a repo with a pattern', POLICY.replace('my-user/my-repo', 'my-user/my-*'), 'bad line 8'],
    ['a repo of any owner', POLICY.replace('my-user/my-repo', '*/my-repo'), 'bad line 8'],
    ['a ref with a parenthesis', POLICY.replace('ref main', 'ref @(main|dev)'), 'bad line 11'],
    ['a ref with a backslash', POLICY.replace('ref main', 'ref ma\\in'), 'bad line 11'],
    ['a ref with a quote', POLICY.replace('ref main', "ref 'main'"), 'bad line 11'],
    ['a REST base with a query', `${POLICY}api https://api.github.com/?x\n`, 'bad line'],
    ['a second REST base', `${POLICY}api https://a.io\napi https://b.io\n`, 'says api twice'],
    ['a permission of no level', `${POLICY}permission contents\n`, 'bad line'],
    ['a permission that is neither read nor write', `${POLICY}permission contents admin\n`, 'bad line'],
    ['an address as a host', `${POLICY}host 169.254.169.254\n`, 'bad line'],
    ['every host', `${POLICY}host *\n`, 'bad line'],
    ['GraphQL that writes', `${POLICY}graphql write\n`, 'bad line'],
    ['a sandbox with a semicolon', POLICY.replace('sb-1234abcd\n', 'sb-1234abcd;id\n'), 'bad line 2'],
  ])('%s', async (_, policy, why) => {
    const root = join(place.root, 'image');
    const { status, stdout, stderr } = await run(`${place.scripts}/install`, ['-'], {
      input: policy,
      env: { KM_ROOT: root },
    });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain(why);
    expect(stderr).toMatch(/^(\[km\] [\x20-\x7e]+\n)+$/);
    expect(stderr.endsWith('[km] Nothing was installed.\n')).toBe(true);
    expect(existsSync(root)).toBe(false);
  });
});

test('a policy with what the egress proxy goes by is installed as it stands', async () => {
  const root = join(place.root, 'with-egress');
  const more = [
    'api https://ghe.example.com/api/v3',
    'permission contents write',
    'permission pull_requests write',
    'host registry.example.com',
    'host *.files.example.com',
    'graphql read',
  ];
  const policy = `${POLICY}${more.join('\n')}\n`;
  const { status, stderr } = await run(`${place.scripts}/install`, ['-'], {
    input: policy,
    env: { KM_ROOT: root },
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(readFileSync(join(root, 'usr/local/lib/km/policy'), 'utf8')).toBe(policy);
});
