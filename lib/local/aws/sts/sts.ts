import { AwsError, type Cloud, type PolicyDocument, type Service } from '../cloud.ts';
import { integer, optionalText, serviceOf, text } from '../operations.ts';
import { readPolicy } from '../policy/document.ts';

const code = 'ValidationError';
const MAX_SESSION_POLICY = 2048;

const sessionPolicy = (value: string | undefined): PolicyDocument | undefined =>
  value === undefined
    ? undefined
    : readPolicy(value, {
        kind: 'identity',
        max: MAX_SESSION_POLICY,
        refuse: (message) => new AwsError('MalformedPolicyDocument', message),
      });

/**
 * STS: who am I, and sessions of roles.
 *
 * https://docs.aws.amazon.com/STS/latest/APIReference/
 */
export const createSts = (cloud: Cloud): Service =>
  serviceOf(
    'sts',
    {
      GetCallerIdentity: ({ caller }) => ({
        Arn: caller.arn,
        UserId: caller.userId,
        Account: cloud.accountId,
      }),
      AssumeRole(call) {
        const roleArn = text(call, 'RoleArn', { min: 20, max: 2048, code });
        const sessionName = text(call, 'RoleSessionName', {
          min: 2,
          max: 64,
          pattern: /^[\w+=,.@-]*$/,
          code,
        });
        const externalId = optionalText(call, 'ExternalId', { min: 2, max: 1224, code });
        const policy = sessionPolicy(optionalText(call, 'Policy', { min: 1, code }));
        const session = cloud.assumeRole(roleArn, sessionName, call.caller, {
          durationSeconds: integer(call, 'DurationSeconds', { min: 900, max: 43_200, fallback: 3600, code }),
          ...(policy ? { sessionPolicy: policy } : {}),
          ...(externalId === undefined ? {} : { context: { 'sts:ExternalId': externalId } }),
        });
        return {
          Credentials: {
            AccessKeyId: session.accessKeyId,
            SecretAccessKey: session.secretAccessKey,
            SessionToken: session.sessionToken,
            Expiration: new Date(session.expiration),
          },
          AssumedRoleUser: { AssumedRoleId: session.caller.userId, Arn: session.caller.arn },
        };
      },
    },
    { AssumeRole: 'RoleArn RoleSessionName DurationSeconds ExternalId Policy' },
  );
