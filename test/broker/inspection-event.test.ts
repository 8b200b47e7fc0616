import { describe, expect, test } from 'vitest';
import { parseInspectEvent, parseProbeEvent, parseProveEvent } from '../../lib/broker/inspection-event.ts';
import { KmError } from '../../lib/errors.ts';

const complaint = (parse: (value: unknown) => unknown, value: unknown): string => {
  try {
    parse(value);
  } catch (error) {
    if (error instanceof KmError && error.code === 'ErrRefreshEventInvalid') return error.message;
    throw error;
  }
  throw new Error('accepted');
};

describe('an inspection event', () => {
  test.each([
    [parseInspectEvent, { action: 'inspect' }],
    [parseInspectEvent, { action: 'inspect', candidate: true, rate_limit: false }],
    [parseProveEvent, { action: 'prove' }],
    [parseProveEvent, { action: 'prove', candidate: false, owner: 'My_Org-1' }],
    [parseProbeEvent, { action: 'probe', repo: 'My-Org/some.repo_1' }],
  ])('is read: %o %o', (parse, value) => {
    expect(parse(value)).toEqual(value);
  });

  test.each<[(value: unknown) => unknown, unknown, string]>([
    [parseInspectEvent, null, 'Invalid inspect event: must be an object, not null'],
    [parseInspectEvent, { action: 'prove' }, 'action must be "inspect", not "prove"'],
    [
      parseInspectEvent,
      { action: 'inspect', candidate: 'yes' },
      'candidate must be true or false, not "yes"',
    ],
    [parseInspectEvent, { action: 'inspect', private_key: 'x' }, 'unknown "private_key"'],
    [parseProveEvent, { action: 'prove', owner: 'a/b' }, 'owner must be the login of an account, not "a/b"'],
    [parseProveEvent, { action: 'prove', owner: '../x' }, 'owner must be the login of an account'],
    [parseProveEvent, { action: 'prove', repo: 'a/b' }, 'unknown "repo"'],
    [parseProbeEvent, { action: 'probe' }, 'Invalid probe event: repo is missing'],
    [parseProbeEvent, { action: 'probe', repo: '*' }, 'repo must be owner/name, not "*"'],
    [parseProbeEvent, { action: 'probe', repo: 'a/*' }, 'repo must be owner/name, not "a/*"'],
    [parseProbeEvent, { action: 'probe', repo: 'a/..' }, 'repo must be owner/name'],
    [parseProbeEvent, { action: 'probe', repo: 'a/b/c' }, 'repo must be owner/name'],
    [parseProbeEvent, { action: 'probe', repo: 'a/b', owner: 'a' }, 'unknown "owner"'],
  ])('is refused: %o %o', (parse, value, message) => {
    expect(complaint(parse, value)).toContain(message);
  });
});
