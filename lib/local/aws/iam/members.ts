import type { Members } from '../operations.ts';

const PAGE = 'MaxItems Marker';

/** The operations that roles and users both have, with the member that names which. */
const identityMembers = (kind: 'Role' | 'User'): Members => {
  const name = `${kind}Name`;
  return {
    [`Put${kind}Policy`]: `${name} PolicyName PolicyDocument`,
    [`Get${kind}Policy`]: `${name} PolicyName`,
    [`Delete${kind}Policy`]: `${name} PolicyName`,
    [`List${kind}Policies`]: `${name} ${PAGE}`,
    [`Attach${kind}Policy`]: `${name} PolicyArn`,
    [`Detach${kind}Policy`]: `${name} PolicyArn`,
    [`ListAttached${kind}Policies`]: `${name} ${PAGE}`,
    [`Put${kind}PermissionsBoundary`]: `${name} PermissionsBoundary`,
    [`Delete${kind}PermissionsBoundary`]: name,
    [`Tag${kind}`]: `${name} Tags`,
    [`Untag${kind}`]: `${name} TagKeys`,
    [`List${kind}Tags`]: `${name} ${PAGE}`,
  };
};

/** What each operation of IAM understands. */
export const IAM_MEMBERS: Members = {
  ...identityMembers('Role'),
  ...identityMembers('User'),
  CreateRole:
    'RoleName Path AssumeRolePolicyDocument Description MaxSessionDuration PermissionsBoundary Tags',
  GetRole: 'RoleName',
  ListRoles: `PathPrefix ${PAGE}`,
  UpdateRole: 'RoleName Description MaxSessionDuration',
  UpdateAssumeRolePolicy: 'RoleName PolicyDocument',
  DeleteRole: 'RoleName',
  CreateUser: 'UserName Path Tags',
  GetUser: 'UserName',
  ListUsers: PAGE,
  DeleteUser: 'UserName',
  CreateAccessKey: 'UserName',
  ListAccessKeys: `UserName ${PAGE}`,
  DeleteAccessKey: 'UserName AccessKeyId',
  CreatePolicy: 'PolicyName Path PolicyDocument Description Tags',
  GetPolicy: 'PolicyArn',
  ListPolicies: `Scope OnlyAttached PathPrefix ${PAGE}`,
  GetPolicyVersion: 'PolicyArn VersionId',
  ListPolicyVersions: `PolicyArn ${PAGE}`,
  CreatePolicyVersion: 'PolicyArn PolicyDocument SetAsDefault',
  SetDefaultPolicyVersion: 'PolicyArn VersionId',
  DeletePolicyVersion: 'PolicyArn VersionId',
  DeletePolicy: 'PolicyArn',
  ListEntitiesForPolicy: 'PolicyArn',
  TagPolicy: 'PolicyArn Tags',
  UntagPolicy: 'PolicyArn TagKeys',
  ListPolicyTags: `PolicyArn ${PAGE}`,
  CreateInstanceProfile: 'InstanceProfileName Path Tags',
  GetInstanceProfile: 'InstanceProfileName',
  AddRoleToInstanceProfile: 'InstanceProfileName RoleName',
  RemoveRoleFromInstanceProfile: 'InstanceProfileName RoleName',
  DeleteInstanceProfile: 'InstanceProfileName',
  ListInstanceProfiles: PAGE,
  ListInstanceProfilesForRole: `RoleName ${PAGE}`,
};
