import { KmError } from '../errors.ts';

const USER = /^arn:[\w-]+:iam::\d{12}:(?:user\/|root$)/;
const SESSION = /^(arn:[\w-]+):sts::(\d{12}):assumed-role\/([\w+=,.@-]+)\/[\w+=,.@-]+$/;

/**
 * The `aws:PrincipalArn` patterns that stand for whoever creates a sandbox, from their GetCallerIdentity ARN.
 * A role's session tells the role's name but not its path, so that two patterns stand for it.
 *
 * Throws `ErrSandboxFailed` for an identity that is neither a user nor a role's session.
 * {@link https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn}
 */
export function trustedPrincipals(callerArn: string): readonly string[] {
  if (USER.test(callerArn)) return [callerArn];
  const [, arn, account, role] = SESSION.exec(callerArn) ?? [];
  if (role === undefined) {
    throw new KmError('ErrSandboxFailed', `${callerArn} cannot be trusted with a sandbox role.`, {
      remedy: 'Run km as an IAM user or as the session of an IAM role.',
    });
  }
  return [`${arn}:iam::${account}:role/${role}`, `${arn}:iam::${account}:role/*/${role}`];
}
