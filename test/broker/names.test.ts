import { describe, expect, test } from 'vitest';
import { PLATFORM_PREFIX, resourceNames, SANDBOX_ID } from '../../lib/broker/names.ts';

describe('resource names', () => {
  test('of the default platform are those of the contract', () => {
    const names = resourceNames();
    const id = 'sb-1234abcd';
    expect(names.appClientId).toBe('/km/config/github/app-client-id');
    expect(names.privateKey).toBe('/km/config/github/private-key');
    expect(names.privateKeyCandidate).toBe('/km/config/github/private-key-candidate');
    expect(names.signingKey).toBe('/km/config/github/signing-key');
    expect(names.signingKeyAlias).toBe('alias/km-app-key');
    expect(names.appSlug).toBe('/km/config/github/app-slug');
    expect(names.host).toBe('/km/config/github/host');
    expect(names.legacyInstallationId).toBe('/km/config/github/installation-id');
    expect(names.installation('My-Org')).toBe('/km/config/github/installations/my-org');
    expect(names.tokenParameter(id)).toBe('/sandbox/sb-1234abcd/github-token');
    expect(names.ownerTokenParameter(id, 'My-Org')).toBe('/sandbox/sb-1234abcd/github-tokens/my-org');
    expect(names.stackName(id)).toBe('km-sandbox-sb-1234abcd');
    expect(names.keyAlias(id)).toBe('alias/km-github-token-sb-1234abcd');
    expect(names.schedule(id)).toBe('km-github-token-sb-1234abcd');
    expect(names.ttlSchedule(id)).toBe('km-ttl-sb-1234abcd');
    expect(names.scheduleGroup).toBe('km');
    expect(names.sandboxRole(id)).toBe('km-sandbox-sb-1234abcd');
    expect(names.functionName).toBe('km-github-token-refresher');
    expect(names.logGroup).toBe('/aws/lambda/km-github-token-refresher');
    expect(names.sharedKeyAlias).toBe('alias/km-github-tokens');
    expect(names.alarmTopic).toBe('km-alarms');
    expect(names.alarm('throttles')).toBe('km-throttles');
    expect(names.dashboard).toBe('km');
    expect(names.surveySchedule).toBe('km-survey');
    expect(names.schedulerRole('eu-west-1')).toBe('km-scheduler-eu-west-1');
  });

  test('of another platform all carry its prefix, and none of its paths lies under the default ones', () => {
    const names = resourceNames({ prefix: 'team' });
    const everyName = Object.values(names).map((name) =>
      typeof name === 'string' ? name : name('sb-1234abcd', 'o'),
    );
    expect(everyName.filter((name) => !name.includes('team'))).toEqual([]);
    expect(names.tokenParameter('sb-1234abcd')).toBe('/team/sandbox/sb-1234abcd/github-token');
    expect(names.privateKey).toBe('/team/config/github/private-key');
  });

  test('take the sandbox root from a template whose prefix is a token', () => {
    const names = resourceNames({ prefix: '$' + '{Token[1]}', sandboxRoot: '$' + '{Token[2]}' });
    expect(names.tokenParameter('$' + '{Token[3]}')).toBe('$' + '{Token[2]}/$' + '{Token[3]}/github-token');
  });

  test.each(['sb-1234abcd', 'gh-00000000', 'abcdefghijkl-ffffffff', 'a1-0123abcd'])(
    '%s is a sandbox id',
    (id) => {
      expect(SANDBOX_ID.test(id)).toBe(true);
    },
  );

  test.each([
    '',
    'sb-1234abc',
    'sb-1234ABCD',
    '1b-1234abcd',
    'abcdefghijklm-ffffffff',
    'sb-1234abcd\n',
    '../sb-1234abcd',
    'sb-1234abcd/x',
    '*',
  ])('%j is not a sandbox id', (id) => {
    expect(SANDBOX_ID.test(id)).toBe(false);
  });

  test.each([
    ['km', true],
    ['team-2', true],
    ['sandboxes', true],
    ['sandbox', false],
    ['sandbox-x', false],
    ['aws', false],
    ['ssm-x', false],
    ['Km', false],
    ['a--b', false],
    ['a-', false],
    ['a/b', false],
    ['abcdefghijklmnopq', false],
    ['a-b-c-d-e-f-g-h-i', false],
    ['km-x', true],
    ['team-boxes', true],
  ])('%j is a platform prefix: %s', (prefix, answer) => {
    expect(PLATFORM_PREFIX.test(prefix)).toBe(answer);
  });

  test.each(['km-sandbox', 'km-sandbox-a', 'km-github-token', 'km-sandboxes'])(
    '%j is no platform prefix: its roles, stacks and aliases would be within what another platform grants on its own',
    (prefix) => {
      expect(PLATFORM_PREFIX.test(prefix)).toBe(false);
    },
  );

  test('no name of a platform is within a wildcard of another', () => {
    const prefixes = ['km', 'km-x', 'x', 'x-km', 'km-ttl'].filter((prefix) => PLATFORM_PREFIX.test(prefix));
    expect(prefixes).toHaveLength(5);
    for (const one of prefixes) {
      const { stackName, sandboxRole, keyAlias } = resourceNames({ prefix: one });
      const granted = [stackName(''), sandboxRole(''), keyAlias('')];
      for (const other of prefixes.filter((prefix) => prefix !== one)) {
        const its = resourceNames({ prefix: other });
        const names = [
          its.platformStack,
          its.stackName('sb-1234abcd'),
          its.sandboxRole('sb-1234abcd'),
          its.refresherRole('us-east-1'),
          its.cloudFormationRole('us-east-1'),
          its.schedulerRole('us-east-1'),
          its.keyAlias('sb-1234abcd'),
          its.configKeyAlias,
        ];
        expect(names.filter((name) => granted.some((start) => name.startsWith(start)))).toEqual([]);
      }
    }
  });
});
