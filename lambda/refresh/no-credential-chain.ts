import { KmError } from '../../lib/errors.ts';

/**
 * Stands in for `@aws-sdk/credential-provider-node` in the bundle, by an alias of the build: the function gives its
 * client the credentials of Lambda's environment itself, and the chain of all other places would be a quarter of the
 * code that every cold start reads.
 */
export const defaultProvider = () => async (): Promise<never> => {
  throw new KmError('ErrInternal', 'The refresher gives each AWS client its credentials');
};
