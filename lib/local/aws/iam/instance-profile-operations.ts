import { AwsError, type Call } from '../cloud.ts';
import type { Operation } from '../operations.ts';
import { authorizePassRole } from '../pass-role.ts';
import {
  alreadyExists,
  deleteConflict,
  type IamDirectory,
  noSuchEntity,
  readTags,
  resourceTags,
  tagList,
} from './directory.ts';
import { type InstanceProfileRecord, profilesOf } from './records.ts';
import { roleAnswer } from './role-operations.ts';

/** Instance profiles and the role that each holds; putting a role in one needs iam:PassRole to EC2. */
export const instanceProfileOperations = (directory: IamDirectory): Record<string, Operation> => {
  const profiles = profilesOf(directory.cloud);

  const answer = (profile: InstanceProfileRecord): Record<string, unknown> => ({
    Path: profile.path,
    InstanceProfileName: profile.name,
    InstanceProfileId: profile.id,
    Arn: profile.arn,
    CreateDate: new Date(profile.created),
    Roles: profile.roles.flatMap((name) => {
      const role = directory.roles.get(name);
      return role ? [roleAnswer(role)] : [];
    }),
    ...(Object.keys(profile.tags).length > 0 ? { Tags: tagList(profile.tags) } : {}),
  });
  const authorized = (call: Call): InstanceProfileRecord => {
    const name = directory.name(call, 'InstanceProfile');
    const profile = profiles.get(name);
    const arn = profile?.arn ?? directory.arn('instance-profile', '/', name);
    directory.authorize(call, arn, resourceTags(profile?.tags ?? {}));
    if (!profile) throw noSuchEntity(`Instance Profile ${name} cannot be found.`);
    return profile;
  };

  return {
    CreateInstanceProfile(call) {
      const name = directory.name(call, 'InstanceProfile');
      const path = directory.path(call);
      const arn = directory.arn('instance-profile', path, name);
      const { tags, context } = readTags(call);
      directory.authorize(call, arn, context);
      if (Object.keys(tags).length > 0) directory.authorize(call, arn, context, 'TagInstanceProfile');
      if (profiles.has(name)) throw alreadyExists(`Instance Profile ${name} already exists.`);
      const created = directory.cloud.clock.now();
      const profile = { name, path, id: directory.newId('AIPA'), arn, created, roles: [], tags };
      profiles.set(name, profile);
      return { InstanceProfile: answer(profile) };
    },
    GetInstanceProfile: (call) => ({ InstanceProfile: answer(authorized(call)) }),
    AddRoleToInstanceProfile(call) {
      const profile = authorized(call);
      const roleName = directory.name(call, 'Role');
      const { record, arn } = directory.find('Role', roleName);
      authorizePassRole(directory.cloud, call, arn, 'ec2.amazonaws.com');
      if (!record) throw noSuchEntity(`The role with name ${roleName} cannot be found.`);
      if (profile.roles.length > 0) {
        throw new AwsError(
          'LimitExceeded',
          'Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1',
          409,
        );
      }
      profiles.set(profile.name, { ...profile, roles: [roleName] });
    },
    RemoveRoleFromInstanceProfile(call) {
      const profile = authorized(call);
      const roleName = directory.name(call, 'Role');
      if (!profile.roles.includes(roleName))
        throw noSuchEntity(`The role with name ${roleName} cannot be found.`);
      profiles.set(profile.name, { ...profile, roles: [] });
    },
    DeleteInstanceProfile(call) {
      const profile = authorized(call);
      if (profile.roles.length > 0) {
        throw deleteConflict('Cannot delete entity, must remove roles from instance profile first.');
      }
      profiles.delete(profile.name);
    },
    ListInstanceProfiles(call) {
      directory.authorize(call, directory.arn('instance-profile', '/', ''));
      return directory.page(call, 'InstanceProfiles', profiles.values().map(answer));
    },
    ListInstanceProfilesForRole(call) {
      const role = directory.authorized('Role', call);
      const holding = profiles.values().filter(({ roles }) => roles.includes(role.name));
      return directory.page(call, 'InstanceProfiles', holding.map(answer));
    },
  };
};
