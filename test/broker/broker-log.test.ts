import { expect, test } from 'vitest';
import { asKmError } from '../../lib/broker/broker-log.ts';
import { KmError } from '../../lib/errors.ts';

/** The class of km's errors as another bundle has it. */
class KmErrorElsewhere extends Error {
  override readonly name = 'KmError';
  readonly code: string;
  readonly remedy = 'Do something else.';

  constructor(code: string) {
    super('It went wrong');
    this.code = code;
  }
}

test.each<[string, unknown, string, string]>([
  ["km's own error", new KmError('ErrAws', 'It went wrong'), 'ErrAws', 'It went wrong'],
  ["km's error of another bundle", new KmErrorElsewhere('ErrAws'), 'ErrAws', 'It went wrong'],
  [
    'an error with a code that is none of km',
    new KmErrorElsewhere('constructor'),
    'ErrInternal',
    'Unforeseen KmError',
  ],
  ['another error', new TypeError('ghs_secret'), 'ErrInternal', 'Unforeseen TypeError'],
  ['no error', 'ghs_secret', 'ErrInternal', 'Unforeseen string'],
])('%s is known for what it is', (_, thrown, code, message) => {
  const error = asKmError(thrown);
  expect(error.code).toBe(code);
  expect(error.message).toContain(message);
  expect(error.message).not.toContain('ghs_secret');
});
