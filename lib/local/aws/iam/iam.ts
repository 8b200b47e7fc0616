import type { Cloud, Service } from '../cloud.ts';
import { serviceOf } from '../operations.ts';
import { IamDirectory } from './directory.ts';
import { identityPolicyOperations } from './identity-policy-operations.ts';
import { instanceProfileOperations } from './instance-profile-operations.ts';
import { managedPolicyOperations } from './managed-policy-operations.ts';
import { IAM_MEMBERS } from './members.ts';
import { roleOperations } from './role-operations.ts';
import { userOperations } from './user-operations.ts';

/**
 * IAM: roles, users, inline and managed policies, boundaries and instance profiles, as far as stacks make them.
 *
 * https://docs.aws.amazon.com/IAM/latest/APIReference/
 */
export const createIam = (cloud: Cloud): Service => {
  const directory = new IamDirectory(cloud);
  const operations = {
    ...roleOperations(directory),
    ...userOperations(directory),
    ...identityPolicyOperations(directory, 'Role'),
    ...identityPolicyOperations(directory, 'User'),
    ...managedPolicyOperations(directory),
    ...instanceProfileOperations(directory),
  };
  return serviceOf('iam', operations, IAM_MEMBERS);
};
