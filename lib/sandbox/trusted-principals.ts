import { KmError } from '../errors.ts';

/**
 * A comma would end the pattern in the stack's list of them, and trust another principal; `*`, `?` and `$` would make
 * it match others. IAM allows commas in names, and all four in paths.
 */
const USER = /^arn:[\w-]+:iam::\d{12}:user\/[\w+=.@/-]+$/;
const SESSION = /^(arn:[\w-]+):sts::(\d{12}):assumed-role\/([\w+=.@-]+)\/[\w+=,.@-]+$/;
const ROOT = /^arn:[\w-]+:iam::\d{12}:root$/;

/**
 * The `aws:PrincipalArn` patterns that stand for whoever creates a docker sandbox, from their GetCallerIdentity ARN.
 * A role's session tells the role's name but not its path, so that two patterns stand for it.
 *
 * Throws `ErrSandboxFailed` for an identity that is neither a user nor a role's session, or that no pattern can name
 * alone; also for the account's root user, which STS lets assume no role.
 * {@link https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn}
 */
export function trustedPrincipals(callerArn: string): readonly string[] {
  if (USER.test(callerArn)) return [callerArn];
  const [, arn, account, role] = SESSION.exec(callerArn) ?? [];
  if (role === undefined) {
    const why = ROOT.test(callerArn) ? 'the root user can assume no role' : 'a role cannot name it alone';
    throw new KmError(
      'ErrSandboxFailed',
      `${callerArn || 'The caller'} cannot be trusted with a sandbox: ${why}.`,
      {
        remedy:
          'Run km as an IAM user or as the session of an IAM role, of which name and path hold letters, digits and + = . @ _ - / only.',
      },
    );
  }
  return [`${arn}:iam::${account}:role/${role}`, `${arn}:iam::${account}:role/*/${role}`];
}
