import { describe, expect, test } from 'vitest';
import {
  describedExpiry,
  readTokenDescription,
  tokenDescription,
} from '../../lib/broker/token-description.ts';

const base = {
  mintedAt: '2026-11-20T10:00:00.000Z',
  expiresAt: '2026-11-20T11:00:00.000Z',
  owner: 'my-org',
  permissions: { contents: 'read' },
};
const repositories = (count: number, length: number) =>
  Array.from({ length: count }, (_, index) => String(index).padEnd(length, 'x'));

describe("a token parameter's Description", () => {
  test.each([
    ['20 names', repositories(20, 10), repositories(20, 10)],
    ['21 names', repositories(21, 2), 21],
    ['few names that are too long', repositories(11, 100), 11],
    ['all', 'all' as const, 'all'],
  ])('for %s fits and can be read back', (_name, given, written) => {
    const description = tokenDescription({ ...base, repositories: given });
    expect(description.length).toBeLessThanOrEqual(1024);
    expect(JSON.parse(description)).toEqual({ ...base, repositories: written });
    expect(describedExpiry(description)).toBe(Date.parse(base.expiresAt));
  });

  test('says why its token could not be renewed, and still fits when its names then do not', () => {
    const failure = { code: 'ErrGitHubInstallationSuspended', at: '2026-11-20T10:45:00.000Z' };
    const named = { ...base, repositories: repositories(9, 90) };
    expect(readTokenDescription(tokenDescription(named))).toEqual(named);
    const marked = tokenDescription({ ...named, failure });
    expect(marked.length).toBeLessThanOrEqual(1024);
    expect(readTokenDescription(marked)).toEqual({ ...base, repositories: 9, failure });
    expect(readTokenDescription(tokenDescription({ ...base, repositories: 9, failure }))).toEqual({
      ...base,
      repositories: 9,
      failure,
    });
  });

  test.each([
    ['nothing', undefined],
    ['no JSON', 'x'],
    ['a mark', '{"destroyed":true}'],
    ['a failure of another form', JSON.stringify({ ...base, repositories: 'all', failure: { code: 1 } })],
    ['times that are none', JSON.stringify({ ...base, repositories: 'all', mintedAt: 'soon' })],
  ])('that is %s is not read as one', (_name, description) => {
    expect(readTokenDescription(description)).toBeUndefined();
  });

  test.each([undefined, '', 'null', '{}', '[]', '{"expiresAt":"soon"}', '{"expiresAt":1}', 'not json'])(
    'that is %j tells no expiry',
    (description) => {
      expect(describedExpiry(description)).toBeUndefined();
    },
  );
});
