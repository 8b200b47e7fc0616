import { KmError } from '../../lib/errors.ts';

/** The KmError that a promise is rejected with; throws when it is fulfilled, or rejected with something else. */
export const refusal = async (promise: Promise<unknown>): Promise<KmError> => {
  const result = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if (!('error' in result)) throw new Error(`fulfilled with ${JSON.stringify(result.value)}`);
  if (!(result.error instanceof KmError)) throw result.error;
  return result.error;
};
