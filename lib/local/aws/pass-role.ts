import type { Call, Cloud } from './cloud.ts';

/**
 * Throws AccessDeniedException unless the caller may pass this role to that service: what every service checks before
 * it keeps a role to act as.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
 *
 * @param service the service principal, as `scheduler.amazonaws.com`
 */
export const authorizePassRole = (
  cloud: Pick<Cloud, 'authorize'>,
  call: Call,
  roleArn: string,
  service: string,
): void =>
  cloud.authorize(call, {
    action: 'iam:PassRole',
    resource: roleArn,
    context: { 'iam:PassedToService': service },
  });
