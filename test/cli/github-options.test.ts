import { describe, expect, test } from 'vitest';
import { readGitHubSetupOptions, readPermissions } from '../../lib/cli/github-options.ts';
import { browserProgram } from '../../lib/cli/open-browser.ts';

describe('--permissions', () => {
  test.each([
    ['', {}],
    ['comment', { issues: 'write', metadata: 'read' }],
    ['comment,review', { issues: 'write', pull_requests: 'write', metadata: 'read' }],
    ['issues:read pull_requests', { issues: 'read', pull_requests: 'write' }],
    ['issues=read', { issues: 'read' }],
    ['issues:write,issues:read', { issues: 'write' }],
    ['workflows', { workflows: 'write' }],
    // Both a verb and a permission, which ask for the same.
    ['checks', { checks: 'write', metadata: 'read' }],
  ])('%j means %j', (text, permissions) => {
    expect(readPermissions(text)).toEqual(permissions);
  });

  test.each([
    'administration',
    'secrets:write',
    'issues:admin',
    'issues:write:read',
    'workflows:read',
    'all',
    'constructor',
  ])('%j is refused', (text) => {
    expect(() => readPermissions(text)).toThrow(/^--permissions: /);
  });
});

test('without options the App has a free name and nothing beyond contents and metadata', () => {
  expect(readGitHubSetupOptions({ options: {} })).toEqual({
    name: expect.stringMatching(/^km-[0-9a-f]{6}$/),
    permissions: { contents: 'write', metadata: 'read' },
    port: 0,
    open: true,
    force: false,
    plain: true,
  });
});

test.each(['org', 'name', 'hostname', 'permissions', 'webhookUrl'])(
  '%s says something about the App',
  (option) => {
    const value =
      option === 'hostname' ? 'github.com' : option === 'webhookUrl' ? 'https://a.example/' : 'issues';
    expect(readGitHubSetupOptions({ options: { [option]: value } }).plain).toBe(false);
  },
);

test.each([
  ['darwin', {}, 'open'],
  ['linux', { DISPLAY: ':0' }, 'xdg-open'],
  ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, 'xdg-open'],
  ['linux', { WSL_DISTRO_NAME: 'Debian', DISPLAY: ':0' }, 'wslview'],
  // Over ssh xdg-open would start a text browser in the terminal.
  ['linux', {}, undefined],
] as const)('on %s with %j the browser is opened by %j', (platform, env, program) => {
  expect(browserProgram(platform, env)).toBe(program);
});
