import { Aws } from 'aws-cdk-lib';
import { AccountRootPrincipal, Effect, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';

/** What the account's administrators may do with a key: look after it, never use it. */
const ADMINISTRATION = [
  'kms:CancelKeyDeletion',
  'kms:CreateAlias',
  'kms:DeleteAlias',
  'kms:DescribeKey',
  'kms:DisableKey',
  'kms:DisableKeyRotation',
  'kms:EnableKey',
  'kms:EnableKeyRotation',
  'kms:GetKeyPolicy',
  'kms:GetKeyRotationStatus',
  'kms:ListGrants',
  'kms:ListKeyPolicies',
  'kms:ListResourceTags',
  'kms:PutKeyPolicy',
  'kms:RevokeGrant',
  'kms:ScheduleKeyDeletion',
  'kms:TagResource',
  'kms:UntagResource',
  'kms:UpdateAlias',
  'kms:UpdateKeyDescription',
];

/** A condition: only through Parameter Store, and only for these parameters (ARNs, `*` allowed). */
export const throughParameterStore = (parameterArns: readonly string[]) => ({
  StringEquals: { 'kms:ViaService': `ssm.${Aws.REGION}.${Aws.URL_SUFFIX}` },
  StringLike: { 'kms:EncryptionContext:PARAMETER_ARN': [...parameterArns] },
});

export interface KeyUse {
  readonly sid: string;
  readonly actions: readonly ('kms:Encrypt' | 'kms:Decrypt')[];
  /** ARN of the one role that may; policy variables allowed. Without it, whoever the account's IAM policies allow. */
  readonly roleArn?: string;
  /** ARNs of the parameters, `*` and policy variables allowed. */
  readonly parameterArns: readonly string[];
}

/**
 * A key policy that is the lock: administration for the account, use for the named roles only, and no `kms:*`.
 *
 * Its principal is always the account, narrowed by `aws:PrincipalArn`: KMS refuses a policy that names a role which
 * does not exist yet, and the role then needs the same grant in its identity policy. See
 * https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html and docs/decisions/key-administrators.md.
 */
export const keyPolicy = (uses: readonly KeyUse[]): PolicyDocument =>
  new PolicyDocument({
    statements: [
      new PolicyStatement({
        sid: 'Administration',
        effect: Effect.ALLOW,
        principals: [new AccountRootPrincipal()],
        actions: ADMINISTRATION,
        resources: ['*'],
      }),
      ...uses.map((use) => {
        const { StringEquals, StringLike } = throughParameterStore(use.parameterArns);
        return new PolicyStatement({
          sid: use.sid,
          effect: Effect.ALLOW,
          principals: [new AccountRootPrincipal()],
          actions: [...use.actions],
          resources: ['*'],
          conditions: {
            StringEquals: {
              ...StringEquals,
              ...(use.roleArn === undefined ? {} : { 'aws:PrincipalArn': use.roleArn }),
            },
            StringLike,
          },
        });
      }),
    ],
  });
