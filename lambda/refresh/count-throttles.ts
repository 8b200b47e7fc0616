import type { KMSClient } from '@aws-sdk/client-kms';
import type { SSMClient } from '@aws-sdk/client-ssm';
import type { ThrottlingService } from '../../lib/broker/metrics.ts';

/** Names by which AWS refuses a request because there are too many. */
const THROTTLED =
  /^(?:ThrottlingException|ThrottledException|Throttling|TooManyRequestsException|RequestLimitExceeded|TooManyUpdates|RequestThrottled(?:Exception)?)$/;

/** Who has refused, when an error says that there were too many requests. Parameter Store passes on what KMS refuses. */
export const throttlingService = (
  error: unknown,
  asked: ThrottlingService,
): ThrottlingService | undefined => {
  if (!(error instanceof Error) || !THROTTLED.test(error.name)) return undefined;
  return /\bkms\b/i.test(error.message) ? 'kms' : asked;
};

/** Tells of every attempt of a client that is refused for its number, also of those that the client then repeats by itself. */
export const countThrottles = (
  { middlewareStack }: Pick<SSMClient | KMSClient, 'middlewareStack'>,
  asked: ThrottlingService,
  onThrottle: (service: ThrottlingService) => void,
): void => {
  // The services differ in the types of their commands only, which are of no interest here.
  (middlewareStack as SSMClient['middlewareStack']).add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        const service = throttlingService(error, asked);
        if (service !== undefined) onThrottle(service);
        throw error;
      }
    },
    // Within the retries, around what makes an error of the answer.
    { step: 'deserialize', priority: 'high', name: 'countThrottles' },
  );
};
