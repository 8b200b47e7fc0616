import { randomBytes } from 'node:crypto';
import { decide, refusal } from './authorize.ts';
import {
  type AssumeRoleOptions,
  AwsError,
  type Caller,
  type Cloud,
  type RoleCredentials,
  serviceCaller,
} from './cloud.ts';
import { type RoleRecord, rolesOf } from './iam/records.ts';
import { type Session, sealSession } from './session-token.ts';

/** The caller that a session acts as. */
export const sessionCaller = (
  accountId: string,
  session: Pick<Session, 'roleArn' | 'roleId' | 'sessionName' | 'sessionPolicy'>,
): Caller => {
  const roleName = session.roleArn.slice(session.roleArn.lastIndexOf('/') + 1);
  return {
    kind: 'role',
    arn: `arn:aws:sts::${accountId}:assumed-role/${roleName}/${session.sessionName}`,
    principalArn: session.roleArn,
    userId: `${session.roleId}:${session.sessionName}`,
    ...(session.sessionPolicy ? { sessionPolicy: session.sessionPolicy } : {}),
  };
};

const durationOf = (role: RoleRecord, principal: Caller, seconds: number): number => {
  if (!Number.isInteger(seconds) || seconds < 900) {
    throw new AwsError('ValidationError', 'The requested DurationSeconds must be at least 900.');
  }
  if (principal.kind === 'role' && seconds > 3600) {
    throw new AwsError(
      'ValidationError',
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
    );
  }
  if (seconds > role.maxSessionDuration) {
    throw new AwsError(
      'ValidationError',
      'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    );
  }
  return seconds * 1000;
};

/**
 * Makes a session of a role once its trust policy (and, where that names only the account, the principal's identity
 * policies) allow it. A role that does not exist is refused like one that may not be assumed, as by STS.
 */
export const assumeRole = (
  cloud: Pick<Cloud, 'accountId' | 'region' | 'clock' | 'table'>,
  sessionKey: Buffer,
  request: { readonly roleArn: string; readonly sessionName: string; readonly principal: Caller | string },
  options: AssumeRoleOptions = {},
): RoleCredentials & { caller: Caller } => {
  const { roleArn, sessionName } = request;
  if (!/^[\w+=,.@-]{2,64}$/.test(sessionName)) {
    throw new AwsError(
      'ValidationError',
      `The role session name '${sessionName}' must match [\\w+=,.@-]{2,64}`,
    );
  }
  const principal =
    typeof request.principal === 'string' ? serviceCaller(request.principal) : request.principal;
  const asked = { action: 'sts:AssumeRole', resource: roleArn };
  const role = rolesOf(cloud).get(roleArn.slice(roleArn.lastIndexOf('/') + 1));
  if (role?.arn !== roleArn) {
    throw refusal(principal, asked, { allowed: false, explicit: false, by: 'identity-based policy' });
  }
  const decision = decide(cloud, principal, {
    ...asked,
    resourcePolicy: role.trust,
    principalIds: role.trustIds,
    context: { 'sts:RoleSessionName': sessionName, ...tagKeys(role), ...options.context },
  });
  if (!decision.allowed) throw refusal(principal, asked, decision);

  const session: Session = {
    accessKeyId: `ASIA${randomBytes(8).toString('hex').toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString('base64'),
    roleArn,
    roleId: role.id,
    sessionName,
    expiration: cloud.clock.now() + durationOf(role, principal, options.durationSeconds ?? 3600),
    ...(options.sessionPolicy ? { sessionPolicy: options.sessionPolicy } : {}),
  };
  return {
    accessKeyId: session.accessKeyId,
    secretAccessKey: session.secretAccessKey,
    sessionToken: sealSession(sessionKey, session),
    expiration: session.expiration,
    caller: sessionCaller(cloud.accountId, session),
  };
};

const tagKeys = (role: RoleRecord): Record<string, string> =>
  Object.fromEntries(
    Object.entries(role.tags).flatMap(([key, value]) => [
      [`aws:ResourceTag/${key}`, value],
      [`iam:ResourceTag/${key}`, value],
    ]),
  );
