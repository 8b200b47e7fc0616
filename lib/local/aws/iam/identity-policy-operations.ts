import { AwsError, type Call } from '../cloud.ts';
import { list, type Operation, text } from '../operations.ts';
import {
  encodedDocument,
  type IamDirectory,
  type IdentityKind,
  type IdentityRecord,
  noSuchEntity,
  readTags,
  tagList,
} from './directory.ts';

const CODE = 'ValidationError';
const MAX_ATTACHED = 10;
const MAX_INLINE = { Role: 10_240, User: 2048 } as const;

/**
 * The policies, boundary and tags of a role or user: `PutRolePolicy`, `AttachUserPolicy`, … Changes to its policies are
 * asked with the boundary it has (`iam:PermissionsBoundary`), attachments with the policy (`iam:PolicyARN`).
 */
export const identityPolicyOperations = (
  directory: IamDirectory,
  kind: IdentityKind,
): Record<string, Operation> => {
  const boundaryOf = (call: Call): string | undefined =>
    directory.find(kind, directory.name(call, kind)).record?.boundary;
  const policyName = (call: Call): string =>
    text(call, 'PolicyName', { min: 1, max: 128, pattern: /^[\w+=,.@-]+$/, code: CODE });
  const policyArn = (call: Call): string => text(call, 'PolicyArn', { min: 20, max: 2048, code: CODE });
  const changing = (call: Call, more: Record<string, string> = {}): IdentityRecord =>
    directory.authorized(kind, call, { 'iam:PermissionsBoundary': boundaryOf(call), ...more });
  const inline = (record: IdentityRecord, name: string) => {
    const document = record.inline[name];
    if (document) return document;
    throw noSuchEntity(`The ${kind.toLowerCase()} policy with name ${name} cannot be found.`);
  };

  return {
    [`Put${kind}Policy`](call) {
      const record = changing(call);
      const document = directory.identityDocument(call.input.PolicyDocument, MAX_INLINE[kind]);
      directory.save(kind, { ...record, inline: { ...record.inline, [policyName(call)]: document } });
    },
    [`Get${kind}Policy`](call) {
      const record = directory.authorized(kind, call);
      const name = policyName(call);
      const PolicyDocument = encodedDocument(inline(record, name));
      return { [`${kind}Name`]: record.name, PolicyName: name, PolicyDocument };
    },
    [`Delete${kind}Policy`](call) {
      const record = changing(call);
      const name = policyName(call);
      inline(record, name);
      const { [name]: _, ...left } = record.inline;
      directory.save(kind, { ...record, inline: left });
    },
    [`List${kind}Policies`]: (call) =>
      directory.page(call, 'PolicyNames', Object.keys(directory.authorized(kind, call).inline)),

    [`Attach${kind}Policy`](call) {
      const arn = policyArn(call);
      const record = changing(call, { 'iam:PolicyARN': arn });
      directory.mustExist(arn);
      if (record.attached.includes(arn)) return;
      if (record.attached.length >= MAX_ATTACHED) {
        throw new AwsError(
          'LimitExceeded',
          `Cannot exceed quota for PoliciesPer${kind}: ${MAX_ATTACHED}`,
          409,
        );
      }
      directory.save(kind, { ...record, attached: [...record.attached, arn] });
    },
    [`Detach${kind}Policy`](call) {
      const arn = policyArn(call);
      const record = changing(call, { 'iam:PolicyARN': arn });
      if (!record.attached.includes(arn)) throw noSuchEntity(`Policy ${arn} was not found.`);
      directory.save(kind, { ...record, attached: record.attached.filter((one) => one !== arn) });
    },
    [`ListAttached${kind}Policies`](call) {
      const { attached } = directory.authorized(kind, call);
      const policies = attached.map((arn) => ({
        PolicyName: arn.slice(arn.lastIndexOf('/') + 1),
        PolicyArn: arn,
      }));
      return directory.page(call, 'AttachedPolicies', policies);
    },

    [`Put${kind}PermissionsBoundary`](call) {
      const boundary = text(call, 'PermissionsBoundary', { min: 20, max: 2048, code: CODE });
      const record = directory.authorized(kind, call, { 'iam:PermissionsBoundary': boundary });
      directory.mustExist(boundary);
      directory.save(kind, { ...record, boundary });
    },
    [`Delete${kind}PermissionsBoundary`](call) {
      const { boundary, ...record } = changing(call);
      if (boundary === undefined)
        throw noSuchEntity(`The ${kind.toLowerCase()} ${record.name} has no permissions boundary.`);
      directory.save(kind, record);
    },

    [`Tag${kind}`](call) {
      const { tags, context } = readTags(call);
      const record = directory.authorized(kind, call, context);
      directory.save(kind, { ...record, tags: { ...record.tags, ...tags } });
    },
    [`Untag${kind}`](call) {
      const keys = list<string>(call, 'TagKeys');
      const record = directory.authorized(kind, call, { 'aws:TagKeys': keys });
      const tags = Object.fromEntries(Object.entries(record.tags).filter(([key]) => !keys.includes(key)));
      directory.save(kind, { ...record, tags });
    },
    [`List${kind}Tags`]: (call) =>
      directory.page(call, 'Tags', tagList(directory.authorized(kind, call).tags)),
  };
};
