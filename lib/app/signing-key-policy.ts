/** What the account's administrators may do with the key: look after it, import into it, never sign with it. */
const ADMINISTRATION = [
  'kms:CancelKeyDeletion',
  'kms:CreateAlias',
  'kms:DeleteAlias',
  'kms:DeleteImportedKeyMaterial',
  'kms:DescribeKey',
  'kms:DisableKey',
  'kms:EnableKey',
  'kms:GetKeyPolicy',
  'kms:GetParametersForImport',
  'kms:GetPublicKey',
  'kms:ImportKeyMaterial',
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

export interface SigningKeyPolicyOptions {
  /** `aws`. */
  readonly partition: string;
  readonly account: string;
  /** Name of the refresher's role. */
  readonly role: string;
}

/**
 * The key policy of the key that signs as the App: the refresher's role signs, in the one way of an App's JWT, and
 * nobody else; the account looks after the key. Of the shape of docs/decisions/key-administrators.md: the principal is
 * the account, narrowed by `aws:PrincipalArn`, so that the role's own policy must allow it as well.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
 */
export function signingKeyPolicy({ partition, account, role }: SigningKeyPolicyOptions): string {
  const principal = { AWS: `arn:${partition}:iam::${account}:root` };
  const refresher = { 'aws:PrincipalArn': `arn:${partition}:iam::${account}:role/${role}` };
  const allow = (sid: string, actions: readonly string[], condition?: object) => ({
    Sid: sid,
    Effect: 'Allow',
    Principal: principal,
    Action: actions,
    Resource: '*',
    ...(condition === undefined ? {} : { Condition: condition }),
  });
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      allow('Administration', ADMINISTRATION),
      allow('Sign', ['kms:Sign'], {
        StringEquals: { ...refresher, 'kms:SigningAlgorithm': 'RSASSA_PKCS1_V1_5_SHA_256' },
      }),
      allow('ShowPublicKey', ['kms:GetPublicKey', 'kms:DescribeKey'], { StringEquals: refresher }),
    ],
  });
}
