import type { Call, Cloud, PolicyDocument } from '../cloud.ts';
import { integer, type Operation, optionalText } from '../operations.ts';
import { readPolicy } from '../policy/document.ts';
import {
  alreadyExists,
  deleteConflict,
  encodedDocument,
  type IamDirectory,
  malformedPolicy,
  readTags,
  tagList,
} from './directory.ts';
import { principalIdsOf, profilesOf, type RoleRecord } from './records.ts';

const CODE = 'ValidationError';
const MAX_TRUST = 2048;

const readTrust = (
  cloud: Cloud,
  value: unknown,
): { trust: PolicyDocument; trustIds: Record<string, string> } => {
  const trust = readPolicy(value, { kind: 'trust', max: MAX_TRUST, refuse: malformedPolicy });
  const trustIds = principalIdsOf(cloud, trust, (arn) =>
    malformedPolicy(`Invalid principal in policy: "AWS":"${arn}"`),
  );
  return { trust, trustIds };
};

export const roleAnswer = (role: RoleRecord): Record<string, unknown> => ({
  Path: role.path,
  RoleName: role.name,
  RoleId: role.id,
  Arn: role.arn,
  CreateDate: new Date(role.created),
  AssumeRolePolicyDocument: encodedDocument(role.trust),
  ...(role.description === undefined ? {} : { Description: role.description }),
  MaxSessionDuration: role.maxSessionDuration,
  ...(role.boundary === undefined
    ? {}
    : { PermissionsBoundary: { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: role.boundary } }),
  ...(Object.keys(role.tags).length > 0 ? { Tags: tagList(role.tags) } : {}),
});

const duration = (call: Call, fallback: number): number =>
  integer(call, 'MaxSessionDuration', { min: 3600, max: 43_200, fallback, code: CODE });

/** CreateRole, GetRole, ListRoles, UpdateRole, UpdateAssumeRolePolicy and DeleteRole. */
export const roleOperations = (directory: IamDirectory): Record<string, Operation> => {
  const { cloud, roles } = directory;
  const authorized = (call: Call): RoleRecord => directory.authorized('Role', call) as RoleRecord;

  return {
    CreateRole(call) {
      const name = directory.name(call, 'Role');
      const path = directory.path(call);
      const arn = directory.arn('role', path, name);
      const boundary = optionalText(call, 'PermissionsBoundary', { min: 20, code: CODE });
      const { tags, context } = readTags(call);
      const asked = { 'iam:PermissionsBoundary': boundary, ...context };
      directory.authorize(call, arn, asked);
      if (Object.keys(tags).length > 0) directory.authorize(call, arn, asked, 'TagRole');
      const description = optionalText(call, 'Description', { max: 1000, code: CODE });
      if (roles.keys().some((taken) => taken.toLowerCase() === name.toLowerCase())) {
        throw alreadyExists(`Role with name ${name} already exists.`);
      }
      if (boundary !== undefined) directory.mustExist(boundary);
      const role: RoleRecord = {
        name,
        path,
        id: directory.newId('AROA'),
        arn,
        created: cloud.clock.now(),
        maxSessionDuration: duration(call, 3600),
        ...readTrust(cloud, call.input.AssumeRolePolicyDocument),
        inline: {},
        attached: [],
        tags,
        ...(description === undefined ? {} : { description }),
        ...(boundary === undefined ? {} : { boundary }),
      };
      roles.set(name, role);
      return { Role: roleAnswer(role) };
    },
    GetRole: (call) => ({ Role: roleAnswer(authorized(call)) }),
    ListRoles(call) {
      const prefix = optionalText(call, 'PathPrefix', { code: CODE }) ?? '/';
      directory.authorize(call, directory.arn('role', prefix, ''));
      const found = roles.values().filter((role) => role.path.startsWith(prefix));
      return directory.page(call, 'Roles', found.map(roleAnswer));
    },
    UpdateRole(call) {
      const role = authorized(call);
      const description = optionalText(call, 'Description', { max: 1000, code: CODE });
      const maxSessionDuration = duration(call, role.maxSessionDuration);
      roles.set(role.name, {
        ...role,
        maxSessionDuration,
        ...(description === undefined ? {} : { description }),
      });
    },
    UpdateAssumeRolePolicy(call) {
      const role = authorized(call);
      roles.set(role.name, { ...role, ...readTrust(cloud, call.input.PolicyDocument) });
    },
    DeleteRole(call) {
      const role = authorized(call);
      if (Object.keys(role.inline).length > 0)
        throw deleteConflict('Cannot delete entity, must delete policies first.');
      if (role.attached.length > 0)
        throw deleteConflict('Cannot delete entity, must detach all policies first.');
      if (
        profilesOf(cloud)
          .values()
          .some(({ roles: held }) => held.includes(role.name))
      ) {
        throw deleteConflict('Cannot delete entity, must remove roles from instance profile first.');
      }
      roles.delete(role.name);
    },
  };
};
