import { describe, expect, test } from 'vitest';
import { alarmParameters } from '../../lib/cli/bootstrap.ts';
import { KmError } from '../../lib/errors.ts';

describe('--alarm-email', () => {
  test.each([
    ['left out leaves the address as it is', undefined, []],
    ['sets the address', 'ops@example.com', ['--parameters', 'AlarmEmail=ops@example.com']],
    ['is taken without space around it', ' ops@example.com ', ['--parameters', 'AlarmEmail=ops@example.com']],
    ['none takes it off', 'none', ['--parameters', 'AlarmEmail=']],
  ])('%s', (_, given, expected) => {
    expect(alarmParameters(given)).toEqual(expected);
  });

  test.each(['', 'ops', 'a@b,c@d', 'a b@c', 'a@', '@b', 'KmSandbox:Prefix=x'])('refuses %j', (given) => {
    expect(() => alarmParameters(given)).toThrow(
      expect.objectContaining({
        code: 'ErrUsage',
        message: `--alarm-email '${given}': not one e-mail address.`,
      }),
    );
    expect(() => alarmParameters(given)).toThrow(KmError);
  });
});
