import { randomBytes } from 'node:crypto';
import { AwsError, type Call, type Cloud, type PolicyDocument } from '../cloud.ts';
import { integer, list, optionalText, pageOf, text } from '../operations.ts';
import { readPolicy } from '../policy/document.ts';
import {
  managedDocument,
  type PolicyRecord,
  policiesOf,
  type RoleRecord,
  rolesOf,
  type Tags,
  type UserRecord,
  usersOf,
} from './records.ts';

export type IdentityKind = 'Role' | 'User';
export type IdentityRecord = RoleRecord | UserRecord;

const CODE = 'ValidationError';
const NAME = /^[\w+=,.@-]+$/;
const LONGEST = { Role: 64, User: 64, Policy: 128, InstanceProfile: 128 } as const;

export const noSuchEntity = (message: string): AwsError => new AwsError('NoSuchEntity', message, 404);
export const alreadyExists = (message: string): AwsError => new AwsError('EntityAlreadyExists', message, 409);
export const deleteConflict = (message: string): AwsError => new AwsError('DeleteConflict', message, 409);
export const malformedPolicy = (message: string): AwsError =>
  new AwsError('MalformedPolicyDocument', message);

/** What all IAM operations share: names, paths, lookups, tags, and the permission on a resource. */
export class IamDirectory {
  readonly cloud: Cloud;
  readonly roles;
  readonly users;
  readonly policies;

  constructor(cloud: Cloud) {
    this.cloud = cloud;
    this.roles = rolesOf(cloud);
    this.users = usersOf(cloud);
    this.policies = policiesOf(cloud);
  }

  arn(kind: 'role' | 'user' | 'policy' | 'instance-profile', path: string, name: string): string {
    return `arn:aws:iam::${this.cloud.accountId}:${kind}${path}${name}`;
  }

  /** A new unique id: `AROA`, `AIDA`, `ANPA` or `AIPA` and 17 characters. */
  newId(prefix: 'AROA' | 'AIDA' | 'ANPA' | 'AIPA'): string {
    return prefix + randomBytes(9).toString('hex').toUpperCase().slice(0, 17);
  }

  name(call: Call, kind: keyof typeof LONGEST): string {
    return text(call, `${kind}Name`, { min: 1, max: LONGEST[kind], pattern: NAME, code: CODE });
  }

  path(call: Call): string {
    const pattern = /^(?:\/|\/[\x21-\x7e]+\/)$/;
    return optionalText(call, 'Path', { min: 1, max: 512, pattern, code: CODE }) ?? '/';
  }

  /** The record of a name and the ARN to ask permission for, which a missing record has as well. */
  find(kind: IdentityKind, name: string): { record: IdentityRecord | undefined; arn: string } {
    const record = kind === 'Role' ? this.roles.get(name) : this.users.get(name);
    return { record, arn: record?.arn ?? this.arn(kind === 'Role' ? 'role' : 'user', '/', name) };
  }

  /** The role or user that a call names, once the caller may do this operation on it. Throws NoSuchEntity. */
  authorized(
    kind: IdentityKind,
    call: Call,
    context: Record<string, string | string[] | undefined> = {},
  ): IdentityRecord {
    const name = this.name(call, kind);
    const { record, arn } = this.find(kind, name);
    this.authorize(call, arn, { ...resourceTags(record?.tags ?? {}), ...context });
    if (!record) throw noSuchEntity(`The ${kind.toLowerCase()} with name ${name} cannot be found.`);
    return record;
  }

  authorize(
    call: Call,
    resource: string,
    context: Record<string, string | string[] | undefined> = {},
    action = call.operation,
  ): void {
    const known = Object.entries(context).filter(
      (entry): entry is [string, string | string[]] => entry[1] !== undefined,
    );
    this.cloud.authorize(call, { action: `iam:${action}`, resource, context: Object.fromEntries(known) });
  }

  save(kind: IdentityKind, record: IdentityRecord): void {
    if (kind === 'Role') this.roles.set(record.name, record as RoleRecord);
    else this.users.set(record.name, record);
  }

  /** Refuses the ARN of a managed policy that there is not. */
  mustExist(policyArn: string): void {
    if (managedDocument(this.cloud, policyArn)) return;
    throw noSuchEntity(`Policy ${policyArn} does not exist or is not attachable.`);
  }

  /** The account's own managed policy that a call names. */
  policy(call: Call, context: Record<string, string | string[] | undefined> = {}): PolicyRecord {
    const arn = text(call, 'PolicyArn', { min: 20, max: 2048, code: CODE });
    const record = this.policies.get(arn);
    this.authorize(call, arn, { ...resourceTags(record?.tags ?? {}), ...context });
    if (!record) throw noSuchEntity(`Policy ${arn} was not found.`);
    return record;
  }

  identityDocument(value: unknown, max: number): PolicyDocument {
    return readPolicy(value, { kind: 'identity', max, refuse: malformedPolicy });
  }

  /** One page of a list operation, under the member that the operation answers it in. */
  page<T>(call: Call, member: string, all: readonly T[]): Record<string, unknown> {
    const size = integer(call, 'MaxItems', { min: 1, max: 1000, fallback: 100, code: CODE });
    const page = pageOf(all, optionalText(call, 'Marker'), size, CODE);
    return {
      [member]: page.items,
      IsTruncated: page.next !== undefined,
      ...(page.next ? { Marker: page.next } : {}),
    };
  }

  /** How many roles and users have this policy attached. */
  attachments(policyArn: string): IdentityRecord[] {
    return [...this.roles.values(), ...this.users.values()].filter(({ attached }) =>
      attached.includes(policyArn),
    );
  }
}

/** Condition keys of a resource's tags. */
export const resourceTags = (tags: Tags): Record<string, string> =>
  Object.fromEntries(
    Object.entries(tags).flatMap(([key, value]) => [
      [`aws:ResourceTag/${key}`, value],
      [`iam:ResourceTag/${key}`, value],
    ]),
  );

/** The tags of a request, and the condition keys that tell of them. Throws InvalidInput. */
export const readTags = (call: Call): { tags: Tags; context: Record<string, string | string[]> } => {
  const tags: Tags = {};
  for (const { Key, Value } of list<{ Key?: unknown; Value?: unknown }>(call, 'Tags')) {
    const keyOk =
      typeof Key === 'string' && /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u.test(Key) && !/^aws:/i.test(Key);
    if (!keyOk || typeof Value !== 'string' || Value.length > 256) {
      throw new AwsError('InvalidInput', `'${String(Key)}' and its value are no tag`);
    }
    tags[Key] = Value;
  }
  const keys = Object.keys(tags);
  if (keys.length === 0) return { tags, context: {} };
  const requested = Object.entries(tags).map(([key, value]) => [`aws:RequestTag/${key}`, value]);
  return { tags, context: { 'aws:TagKeys': keys, ...Object.fromEntries(requested) } };
};

export const tagList = (tags: Tags): { Key: string; Value: string }[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

/** A policy document as IAM answers it: percent-encoded JSON. */
export const encodedDocument = (document: PolicyDocument): string =>
  encodeURIComponent(JSON.stringify(document));
