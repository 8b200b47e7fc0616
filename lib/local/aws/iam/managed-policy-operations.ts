import { AwsError, type Call } from '../cloud.ts';
import { flag, list, type Operation, optionalText, text } from '../operations.ts';
import { AWS_MANAGED_POLICIES } from './aws-managed-policies.ts';
import {
  alreadyExists,
  deleteConflict,
  encodedDocument,
  type IamDirectory,
  noSuchEntity,
  readTags,
  tagList,
} from './directory.ts';
import type { PolicyRecord } from './records.ts';

const CODE = 'ValidationError';
const MAX_DOCUMENT = 6144;
const MAX_VERSIONS = 5;

/** The account's managed policies, with their versions. */
export const managedPolicyOperations = (directory: IamDirectory): Record<string, Operation> => {
  const { cloud, policies } = directory;

  const answer = (policy: PolicyRecord): Record<string, unknown> => ({
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: policy.arn,
    Path: policy.path,
    DefaultVersionId: policy.defaultVersion,
    AttachmentCount: directory.attachments(policy.arn).length,
    PermissionsBoundaryUsageCount: [...directory.roles.values(), ...directory.users.values()].filter(
      ({ boundary }) => boundary === policy.arn,
    ).length,
    IsAttachable: true,
    ...(policy.description === undefined ? {} : { Description: policy.description }),
    CreateDate: new Date(policy.created),
    UpdateDate: new Date(policy.updated),
    ...(Object.keys(policy.tags).length > 0 ? { Tags: tagList(policy.tags) } : {}),
  });
  const versionAnswer = (policy: PolicyRecord, id: string, whole: boolean): Record<string, unknown> => {
    const version = policy.versions[id];
    if (!version)
      throw noSuchEntity(`Policy ${policy.arn} version ${id} does not exist or is not attachable.`);
    return {
      ...(whole ? { Document: encodedDocument(version.document) } : {}),
      VersionId: id,
      IsDefaultVersion: id === policy.defaultVersion,
      CreateDate: new Date(version.created),
    };
  };
  const versionId = (call: Call): string =>
    text(call, 'VersionId', { pattern: /^v[1-9][0-9]*$/, code: CODE });

  return {
    CreatePolicy(call) {
      const name = directory.name(call, 'Policy');
      const path = directory.path(call);
      const arn = directory.arn('policy', path, name);
      const { tags, context } = readTags(call);
      directory.authorize(call, arn, context);
      if (Object.keys(tags).length > 0) directory.authorize(call, arn, context, 'TagPolicy');
      const description = optionalText(call, 'Description', { max: 1000, code: CODE });
      if (policies.values().some((policy) => policy.name.toLowerCase() === name.toLowerCase())) {
        throw alreadyExists(`A policy called ${name} already exists. Duplicate names are not allowed.`);
      }
      const now = cloud.clock.now();
      const document = directory.identityDocument(call.input.PolicyDocument, MAX_DOCUMENT);
      const policy: PolicyRecord = {
        name,
        path,
        id: directory.newId('ANPA'),
        arn,
        created: now,
        updated: now,
        defaultVersion: 'v1',
        nextVersion: 2,
        versions: { v1: { document, created: now } },
        tags,
        ...(description === undefined ? {} : { description }),
      };
      policies.set(arn, policy);
      return { Policy: answer(policy) };
    },
    GetPolicy: (call) => ({ Policy: answer(directory.policy(call)) }),
    ListPolicies(call) {
      directory.authorize(call, '*');
      const prefix = optionalText(call, 'PathPrefix', { code: CODE }) ?? '/';
      const own = policies.values().filter((policy) => policy.path.startsWith(prefix));
      const attached = flag(call, 'OnlyAttached');
      const found = own.filter((policy) => !attached || directory.attachments(policy.arn).length > 0);
      return directory.page(call, 'Policies', call.input.Scope === 'AWS' ? [] : found.map(answer));
    },
    GetPolicyVersion(call) {
      const managed = AWS_MANAGED_POLICIES[String(call.input.PolicyArn)];
      if (managed) {
        directory.authorize(call, call.input.PolicyArn);
        return {
          PolicyVersion: { Document: encodedDocument(managed), VersionId: 'v1', IsDefaultVersion: true },
        };
      }
      return { PolicyVersion: versionAnswer(directory.policy(call), versionId(call), true) };
    },
    ListPolicyVersions(call) {
      const policy = directory.policy(call);
      return directory.page(
        call,
        'Versions',
        Object.keys(policy.versions).map((id) => versionAnswer(policy, id, false)),
      );
    },
    CreatePolicyVersion(call) {
      const policy = directory.policy(call);
      const document = directory.identityDocument(call.input.PolicyDocument, MAX_DOCUMENT);
      if (Object.keys(policy.versions).length >= MAX_VERSIONS) {
        throw new AwsError(
          'LimitExceeded',
          `A managed policy can have up to ${MAX_VERSIONS} versions. Before you create a new version, you must delete ` +
            'an existing version.',
          409,
        );
      }
      const id = `v${policy.nextVersion}`;
      const created = cloud.clock.now();
      const changed: PolicyRecord = {
        ...policy,
        versions: { ...policy.versions, [id]: { document, created } },
        nextVersion: policy.nextVersion + 1,
        updated: created,
        ...(flag(call, 'SetAsDefault') ? { defaultVersion: id } : {}),
      };
      policies.set(policy.arn, changed);
      return { PolicyVersion: versionAnswer(changed, id, false) };
    },
    SetDefaultPolicyVersion(call) {
      const policy = directory.policy(call);
      const id = versionId(call);
      versionAnswer(policy, id, false);
      policies.set(policy.arn, { ...policy, defaultVersion: id });
    },
    DeletePolicyVersion(call) {
      const policy = directory.policy(call);
      const id = versionId(call);
      versionAnswer(policy, id, false);
      if (id === policy.defaultVersion)
        throw deleteConflict('Cannot delete the default version of a policy.');
      const { [id]: _, ...versions } = policy.versions;
      policies.set(policy.arn, { ...policy, versions });
    },
    DeletePolicy(call) {
      const policy = directory.policy(call);
      if (directory.attachments(policy.arn).length > 0) {
        throw deleteConflict('Cannot delete a policy attached to entities.');
      }
      if (Object.keys(policy.versions).length > 1) {
        throw deleteConflict(
          'This policy has more than one version. Before you delete a policy, you must delete the others.',
        );
      }
      policies.delete(policy.arn);
    },
    ListEntitiesForPolicy(call) {
      const { arn } = directory.policy(call);
      const names = (all: { name: string; attached: string[] }[]): string[] =>
        all.filter(({ attached }) => attached.includes(arn)).map(({ name }) => name);
      return {
        PolicyGroups: [],
        PolicyUsers: names(directory.users.values()).map((UserName) => ({ UserName })),
        PolicyRoles: names(directory.roles.values()).map((RoleName) => ({ RoleName })),
        IsTruncated: false,
      };
    },
    TagPolicy(call) {
      const { tags, context } = readTags(call);
      const policy = directory.policy(call, context);
      policies.set(policy.arn, { ...policy, tags: { ...policy.tags, ...tags } });
    },
    UntagPolicy(call) {
      const keys = list<string>(call, 'TagKeys');
      const policy = directory.policy(call, { 'aws:TagKeys': keys });
      const tags = Object.fromEntries(Object.entries(policy.tags).filter(([key]) => !keys.includes(key)));
      policies.set(policy.arn, { ...policy, tags });
    },
    ListPolicyTags: (call) => directory.page(call, 'Tags', tagList(directory.policy(call).tags)),
  };
};
