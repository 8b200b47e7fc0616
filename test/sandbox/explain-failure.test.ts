import { describe, expect, test } from 'vitest';
import { isPermanent } from '../../lib/broker/permanent-failure.ts';
import { ERROR_FAULTS, type ErrorCode } from '../../lib/errors.ts';
import { explainEvent } from '../../lib/sandbox/explain-event.ts';
import { explainFailure } from '../../lib/sandbox/explain-failure.ts';

const ID = 'sb-1234abcd';
const codes = Object.keys(ERROR_FAULTS) as ErrorCode[];
const explain = (code: string, more: { owner?: string; remedy?: string } = {}) =>
  explainFailure({ code, id: ID, ...more });

describe('a failure', () => {
  test.each(codes.filter(isPermanent))('%s, which stays, says who has to do what', (code) => {
    const explanation = explain(code, { owner: 'my-org' });
    expect(explanation?.cause).toMatch(/\.$/);
    expect(explanation?.remedy).toMatch(new RegExp(`\\bkm (?:refresh|update) ${ID}\\b`));
  });

  test.each(codes.filter((code) => code.startsWith('ErrGitHub') && !/Manifest|WriteNotRefused/.test(code)))(
    '%s of GitHub is explained',
    (code) => {
      expect(explain(code)).toEqual({ code, cause: expect.any(String), remedy: expect.any(String) });
    },
  );

  test.each(['ErrGitHubUnavailable', 'ErrGitHubRateLimited', 'ErrGitHubTokenNotAccepted'])(
    '%s, which passes, asks for nothing',
    (code) => {
      expect(explain(code)?.remedy).toMatch(/^None needed/);
    },
  );

  test('names the account, and the only one of a profile that names none', () => {
    expect(explain('ErrGitHubInstallationSuspended', { owner: 'my-org' })?.cause).toContain(
      'owner of my-org',
    );
    expect(explain('ErrGitHubInstallationSuspended', { owner: '*' })?.cause).toContain(
      'owner of the account',
    );
  });

  test('has the remedy of the refresher, which knows the address, and what to do then', () => {
    expect(
      explain('ErrGitHubInstallationSuspended', { owner: 'my-org', remedy: 'Unsuspend it at https://x.' })
        ?.remedy,
    ).toBe(`Unsuspend it at https://x. Then km refresh ${ID}, or wait for the next schedule.`);
  });

  test.each(['ErrNobodyKnows', 'constructor', '__proto__', ''])('%j is not made up', (code) => {
    expect(explain(code)).toBeUndefined();
  });
});

describe('an event', () => {
  const ofEvent = (event: string, fields: object) =>
    explainEvent({ id: 'a', time: 0, event, fields: { event, ...fields } }, ID)?.cause;

  test.each([
    ['token_generation_failed', { code: 'ErrGitHubUnavailable' }, /GitHub did not answer/],
    ['refresh_refused', { parameter: '/sandbox/x' }, /paused, revoked or destroyed/],
    ['retry_dropped', { reason: 'ErrGitHubInstallationSuspended', owner: 'my-org' }, /suspended/],
    ['stack_answered', { status: 'FAILED', reason: 'no (ErrGitHubBadKey). Do.' }, /private key/],
  ])('%s with %j is explained', (event, fields, cause) => {
    expect(ofEvent(event, fields)).toMatch(cause);
  });

  test.each([
    ['token_generated', { owner: 'my-org' }],
    ['retry_dropped', { reason: 'refreshed since' }],
    ['stack_answered', { status: 'SUCCESS' }],
  ])('%s with %j needs no explanation', (event, fields) => {
    expect(ofEvent(event, fields)).toBeUndefined();
  });
});
