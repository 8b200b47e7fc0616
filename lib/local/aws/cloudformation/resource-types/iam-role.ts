import {
  document,
  type Properties,
  pick,
  type ResourceContext,
  type ResourceType,
  required,
  retag,
  sameValue,
  tagList,
  unlessGone,
} from './resource-type.ts';

interface InlinePolicy {
  readonly PolicyName: string;
  readonly PolicyDocument: unknown;
}

const putPolicies = async (
  context: ResourceContext,
  RoleName: string,
  properties: Properties,
): Promise<void> => {
  for (const PolicyArn of properties.ManagedPolicyArns ?? []) {
    await context.call('iam', 'AttachRolePolicy', { RoleName, PolicyArn });
  }
  for (const { PolicyName, PolicyDocument } of (properties.Policies ?? []) as InlinePolicy[]) {
    await context.call('iam', 'PutRolePolicy', {
      RoleName,
      PolicyName,
      PolicyDocument: document(PolicyDocument),
    });
  }
};

const dropPolicies = async (
  context: ResourceContext,
  RoleName: string,
  old: Properties,
  kept: Properties,
) => {
  const keptArns: string[] = kept.ManagedPolicyArns ?? [];
  const keptNames = ((kept.Policies ?? []) as InlinePolicy[]).map(({ PolicyName }) => PolicyName);
  for (const PolicyArn of (old.ManagedPolicyArns ?? []) as string[]) {
    if (keptArns.includes(PolicyArn)) continue;
    await unlessGone(context.call('iam', 'DetachRolePolicy', { RoleName, PolicyArn }));
  }
  for (const { PolicyName } of (old.Policies ?? []) as InlinePolicy[]) {
    if (keptNames.includes(PolicyName)) continue;
    await unlessGone(context.call('iam', 'DeleteRolePolicy', { RoleName, PolicyName }));
  }
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-role.html */
export const iamRole: ResourceType = {
  properties: [
    'AssumeRolePolicyDocument',
    'Description',
    'ManagedPolicyArns',
    'MaxSessionDuration',
    'Path',
    'PermissionsBoundary',
    'Policies',
    'RoleName',
    'Tags',
  ],
  replacing: ['RoleName', 'Path'],
  async create(context, properties) {
    const RoleName = String(properties.RoleName ?? context.name(64));
    required(properties, 'AssumeRolePolicyDocument');
    const { Role } = await context.call('iam', 'CreateRole', {
      ...pick(properties, ['Description', 'MaxSessionDuration', 'Path', 'PermissionsBoundary']),
      RoleName,
      AssumeRolePolicyDocument: document(properties.AssumeRolePolicyDocument),
      Tags: tagList(context, properties.Tags),
    });
    context.identify(RoleName);
    await putPolicies(context, RoleName, properties);
    return { physicalId: RoleName, attributes: { Arn: Role.Arn, RoleId: Role.RoleId } };
  },
  async update(context, made, properties, before) {
    const RoleName = made.physicalId;
    if (!sameValue(properties.AssumeRolePolicyDocument, before.AssumeRolePolicyDocument)) {
      const PolicyDocument = document(properties.AssumeRolePolicyDocument);
      await context.call('iam', 'UpdateAssumeRolePolicy', { RoleName, PolicyDocument });
    }
    const described = ['Description', 'MaxSessionDuration'];
    if (!sameValue(pick(properties, described), pick(before, described))) {
      await context.call('iam', 'UpdateRole', { RoleName, ...pick(properties, described) });
    }
    if (properties.PermissionsBoundary !== before.PermissionsBoundary) {
      const PermissionsBoundary = properties.PermissionsBoundary;
      if (PermissionsBoundary === undefined)
        await context.call('iam', 'DeleteRolePermissionsBoundary', { RoleName });
      else await context.call('iam', 'PutRolePermissionsBoundary', { RoleName, PermissionsBoundary });
    }
    await dropPolicies(context, RoleName, before, properties);
    await putPolicies(context, RoleName, properties);
    await retag(context, properties, before, {
      tag: (Tags) => context.call('iam', 'TagRole', { RoleName, Tags }),
      untag: (TagKeys) => context.call('iam', 'UntagRole', { RoleName, TagKeys }),
    });
    return made;
  },
  async delete(context, RoleName, properties) {
    await dropPolicies(context, RoleName, properties, {});
    await unlessGone(context.call('iam', 'DeleteRole', { RoleName }));
  },
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-instanceprofile.html */
export const iamInstanceProfile: ResourceType = {
  properties: ['InstanceProfileName', 'Path', 'Roles'],
  replacing: ['InstanceProfileName', 'Path'],
  async create(context, properties) {
    const InstanceProfileName = String(properties.InstanceProfileName ?? context.name(128));
    const input = { ...pick(properties, ['Path']), InstanceProfileName };
    const { InstanceProfile } = await context.call('iam', 'CreateInstanceProfile', input);
    context.identify(InstanceProfileName);
    for (const RoleName of properties.Roles ?? []) {
      await context.call('iam', 'AddRoleToInstanceProfile', { InstanceProfileName, RoleName });
    }
    return { physicalId: InstanceProfileName, attributes: { Arn: InstanceProfile.Arn } };
  },
  async update(context, made, properties, before) {
    const InstanceProfileName = made.physicalId;
    const [now, then]: string[][] = [properties.Roles ?? [], before.Roles ?? []];
    // a profile holds one role: the old one goes first
    for (const RoleName of then?.filter((role) => !now?.includes(role)) ?? []) {
      await unlessGone(
        context.call('iam', 'RemoveRoleFromInstanceProfile', { InstanceProfileName, RoleName }),
      );
    }
    for (const RoleName of now?.filter((role) => !then?.includes(role)) ?? []) {
      await context.call('iam', 'AddRoleToInstanceProfile', { InstanceProfileName, RoleName });
    }
    return made;
  },
  async delete(context, InstanceProfileName, properties) {
    for (const RoleName of properties.Roles ?? []) {
      await unlessGone(
        context.call('iam', 'RemoveRoleFromInstanceProfile', { InstanceProfileName, RoleName }),
      );
    }
    await unlessGone(context.call('iam', 'DeleteInstanceProfile', { InstanceProfileName }));
  },
};
