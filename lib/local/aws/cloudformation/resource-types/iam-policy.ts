import { AwsError } from '../../cloud.ts';
import {
  document,
  type Properties,
  pick,
  type ResourceContext,
  type ResourceType,
  required,
  sameValue,
  unlessGone,
} from './resource-type.ts';

const rolesOf = (properties: Properties): string[] => properties.Roles ?? [];

const onlyRoles = (properties: Properties): void => {
  for (const name of ['Users', 'Groups']) {
    if ((properties[name] ?? []).length > 0) {
      throw new AwsError('InvalidRequest', `${name} is not supported by the local cloud`);
    }
  }
};

const putInline = async (context: ResourceContext, properties: Properties): Promise<void> => {
  const PolicyName = required(properties, 'PolicyName');
  const PolicyDocument = document(properties.PolicyDocument);
  for (const RoleName of rolesOf(properties)) {
    await context.call('iam', 'PutRolePolicy', { RoleName, PolicyName, PolicyDocument });
  }
};

const dropInline = async (context: ResourceContext, properties: Properties, kept: readonly string[] = []) => {
  for (const RoleName of rolesOf(properties).filter((role) => !kept.includes(role))) {
    await unlessGone(
      context.call('iam', 'DeleteRolePolicy', { RoleName, PolicyName: properties.PolicyName }),
    );
  }
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-policy.html */
export const iamPolicy: ResourceType = {
  properties: ['PolicyName', 'PolicyDocument', 'Roles', 'Users', 'Groups'],
  replacing: ['PolicyName'],
  async create(context, properties) {
    onlyRoles(properties);
    const physicalId = context.name();
    context.identify(physicalId);
    await putInline(context, properties);
    return { physicalId, attributes: { Id: physicalId } };
  },
  async update(context, made, properties, before) {
    onlyRoles(properties);
    await putInline(context, properties);
    await dropInline(context, before, rolesOf(properties));
    return made;
  },
  delete: (context, _, properties) => dropInline(context, properties),
};

const attach = async (
  context: ResourceContext,
  PolicyArn: string,
  roles: readonly string[],
): Promise<void> => {
  for (const RoleName of roles) await context.call('iam', 'AttachRolePolicy', { RoleName, PolicyArn });
};

const detach = async (
  context: ResourceContext,
  PolicyArn: string,
  roles: readonly string[],
): Promise<void> => {
  for (const RoleName of roles)
    await unlessGone(context.call('iam', 'DetachRolePolicy', { RoleName, PolicyArn }));
};

/** Deletes the versions that are not in force: a policy holds five, and must have one when it is deleted. */
const dropOldVersions = async (context: ResourceContext, PolicyArn: string): Promise<void> => {
  const { Versions } = await context.call('iam', 'ListPolicyVersions', { PolicyArn });
  for (const { VersionId, IsDefaultVersion } of Versions) {
    if (!IsDefaultVersion) await context.call('iam', 'DeletePolicyVersion', { PolicyArn, VersionId });
  }
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-managedpolicy.html */
export const iamManagedPolicy: ResourceType = {
  properties: ['ManagedPolicyName', 'Description', 'Path', 'PolicyDocument', 'Roles', 'Users', 'Groups'],
  replacing: ['ManagedPolicyName', 'Description', 'Path'],
  async create(context, properties) {
    onlyRoles(properties);
    const { Policy } = await context.call('iam', 'CreatePolicy', {
      ...pick(properties, ['Path']),
      ...(properties.Description ? { Description: properties.Description } : {}),
      PolicyName: String(properties.ManagedPolicyName ?? context.name(128)),
      PolicyDocument: document(properties.PolicyDocument),
    });
    context.identify(Policy.Arn);
    await attach(context, Policy.Arn, rolesOf(properties));
    return { physicalId: Policy.Arn, attributes: { PolicyArn: Policy.Arn, PolicyId: Policy.PolicyId } };
  },
  async update(context, made, properties, before) {
    onlyRoles(properties);
    const PolicyArn = made.physicalId;
    if (!sameValue(properties.PolicyDocument, before.PolicyDocument)) {
      const PolicyDocument = document(properties.PolicyDocument);
      await context.call('iam', 'CreatePolicyVersion', { PolicyArn, PolicyDocument, SetAsDefault: true });
      await dropOldVersions(context, PolicyArn);
    }
    const [now, then] = [rolesOf(properties), rolesOf(before)];
    await attach(
      context,
      PolicyArn,
      now.filter((role) => !then.includes(role)),
    );
    await detach(
      context,
      PolicyArn,
      then.filter((role) => !now.includes(role)),
    );
    return made;
  },
  async delete(context, PolicyArn, properties) {
    await detach(context, PolicyArn, rolesOf(properties));
    await unlessGone(context.call('iam', 'DeletePolicy', { PolicyArn }));
  },
};
