import { globalContext } from '../authorize.ts';
import { AwsError, type Call, type Cloud, type PolicyDocument } from '../cloud.ts';
import { principalIdsOf } from '../iam/records.ts';
import { contextOf } from '../policy/context.ts';
import { readPolicy } from '../policy/document.ts';
import { evaluate } from '../policy/evaluate.ts';

const MAX_POLICY = 32_768;

const malformed = (message: string): AwsError => new AwsError('MalformedPolicyDocumentException', message);

/** The policy of a key that was made without one: the account's identity policies decide. */
export const defaultKeyPolicy = (accountId: string): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'Enable IAM User Permissions',
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${accountId}:root` },
      Action: 'kms:*',
      Resource: '*',
    },
  ],
});

/** The policy of `alias/aws/{service}`: usable by the whole account, through that service only. */
export const managedKeyPolicy = (
  { accountId, region }: Pick<Cloud, 'accountId' | 'region'>,
  service: string,
): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [
    {
      Sid: `Allow access through ${service} for all principals in the account that are authorized to use it`,
      Effect: 'Allow',
      Principal: { AWS: '*' },
      Action: [
        'kms:Encrypt',
        'kms:Decrypt',
        'kms:ReEncrypt*',
        'kms:GenerateDataKey*',
        'kms:CreateGrant',
        'kms:DescribeKey',
      ],
      Resource: '*',
      Condition: {
        StringEquals: {
          'kms:CallerAccount': accountId,
          'kms:ViaService': `${service}.${region}.amazonaws.com`,
        },
      },
    },
    {
      Sid: 'Allow direct access to key metadata to the account',
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${accountId}:root` },
      Action: ['kms:Describe*', 'kms:Get*', 'kms:List*', 'kms:RevokeGrant'],
      Resource: '*',
    },
  ],
});

/**
 * Reads a key policy and checks it as KMS does: its form, that each principal exists, and, unless the caller waives it,
 * that the caller may still change the policy afterwards. Throws MalformedPolicyDocumentException.
 *
 * https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
 */
export const readKeyPolicy = (
  cloud: Cloud,
  call: Call,
  keyArn: string,
): { policy: PolicyDocument; principalIds: Record<string, string> } => {
  const policy = readPolicy(call.input.Policy, { kind: 'key', max: MAX_POLICY, refuse: malformed });
  const principalIds = principalIdsOf(cloud, policy, () =>
    malformed('Policy contains a statement with one or more invalid principals.'),
  );
  if (call.input.BypassPolicyLockoutSafetyCheck !== true && locksOut(cloud, call, keyArn, policy)) {
    throw malformed('The new key policy will not allow you to update the key policy in the future.');
  }
  return { policy, principalIds };
};

/** Whether the policy by itself leaves the caller no way to PutKeyPolicy; what it delegates to IAM counts as a way. */
const locksOut = (cloud: Cloud, call: Call, resource: string, policy: PolicyDocument): boolean => {
  const context = new Map([
    ...globalContext(cloud, call.caller, call.via),
    ...contextOf({ 'kms:CallerAccount': cloud.accountId }),
  ]);
  const everything: PolicyDocument = { Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
  const decision = evaluate({
    action: 'kms:PutKeyPolicy',
    resource,
    context,
    caller: call.caller,
    accountId: cloud.accountId,
    identity: [everything],
    resourcePolicy: policy,
  });
  return !decision.allowed;
};
