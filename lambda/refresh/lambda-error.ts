import { asKmError } from '../../lib/broker/broker-log.ts';
import { KmError } from '../../lib/errors.ts';

/**
 * An error as Lambda reports it: `errorType` is the code, `errorMessage` the message with its remedy.
 * The stack and the cause stay behind, since Lambda writes both into the log.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html
 */
export const lambdaError = (thrown: unknown): Error => {
  const { code, message, remedy } = asKmError(thrown);
  const error = new Error(remedy === undefined ? message : `${message.replace(/\.$/, '')}. ${remedy}`);
  error.name = code;
  error.stack = `${code}: ${error.message}`;
  return error;
};

/** The event is none that the function answers. */
export const unknownEvent = (): KmError =>
  new KmError('ErrRefreshEventInvalid', 'Not an event that the refresher knows', {
    remedy:
      'Send a refresh event, an action (check, inspect, prove, probe, revoke, reconfigure, survey), a stack event of Custom::KmGitHubToken, or records of the retry queue.',
  });
