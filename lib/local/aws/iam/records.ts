import type { AwsError, Caller, Cloud, PolicyDocument } from '../cloud.ts';
import { AWS_MANAGED_POLICIES } from './aws-managed-policies.ts';

export type Tags = Record<string, string>;

/** A role as the table `iam-roles` holds it, by name. Times are milliseconds since the epoch. */
export interface RoleRecord {
  name: string;
  path: string;
  /** `AROA…`: a role made later under the same name has another. */
  id: string;
  arn: string;
  created: number;
  description?: string;
  maxSessionDuration: number;
  trust: PolicyDocument;
  /** The unique ids of the trust policy's principals when it was written. */
  trustIds: Record<string, string>;
  /** Inline policies by name. */
  inline: Record<string, PolicyDocument>;
  /** ARNs of attached managed policies. */
  attached: string[];
  /** ARN of the managed policy that bounds the role. */
  boundary?: string;
  tags: Tags;
}

/** A user as the table `iam-users` holds it, by name. */
export interface UserRecord {
  name: string;
  path: string;
  /** `AIDA…`. */
  id: string;
  arn: string;
  created: number;
  inline: Record<string, PolicyDocument>;
  attached: string[];
  boundary?: string;
  tags: Tags;
}

/** A managed policy as the table `iam-policies` holds it, by ARN. */
export interface PolicyRecord {
  name: string;
  path: string;
  /** `ANPA…`. */
  id: string;
  arn: string;
  created: number;
  updated: number;
  description?: string;
  defaultVersion: string;
  nextVersion: number;
  versions: Record<string, { document: PolicyDocument; created: number }>;
  tags: Tags;
}

/** An instance profile as the table `iam-instance-profiles` holds it, by name. */
export interface InstanceProfileRecord {
  name: string;
  path: string;
  /** `AIPA…`. */
  id: string;
  arn: string;
  created: number;
  /** At most one role. */
  roles: string[];
  tags: Tags;
}

type Tables = Pick<Cloud, 'table'>;

export const rolesOf = (cloud: Tables) => cloud.table<RoleRecord>('iam-roles');
export const usersOf = (cloud: Tables) => cloud.table<UserRecord>('iam-users');
export const policiesOf = (cloud: Tables) => cloud.table<PolicyRecord>('iam-policies');
export const profilesOf = (cloud: Tables) => cloud.table<InstanceProfileRecord>('iam-instance-profiles');

/** The document of a managed policy's default version, AWS's own policies included. */
export const managedDocument = (cloud: Tables, arn: string): PolicyDocument | undefined => {
  const record = policiesOf(cloud).get(arn);
  return record ? record.versions[record.defaultVersion]?.document : AWS_MANAGED_POLICIES[arn];
};

/** What IAM itself says about a caller: the policies that speak for it, its boundary, its tags. */
export interface Standing {
  readonly identity: readonly PolicyDocument[];
  readonly boundary?: PolicyDocument | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

const NOTHING: Standing = { identity: [], tags: {} };

/** Denies everything: what a boundary comes to when its policy is gone. */
const EMPTY: PolicyDocument = { Version: '2012-10-17', Statement: [] };

/** A caller's standing now; nothing for a service, and for a user or role that no longer exists. */
export const standingOf = (cloud: Tables, caller: Caller): Standing => {
  if (caller.kind === 'service') return NOTHING;
  const name = caller.principalArn.slice(caller.principalArn.lastIndexOf('/') + 1);
  const record = caller.kind === 'user' ? usersOf(cloud).get(name) : rolesOf(cloud).get(name);
  if (!record || record.id !== caller.userId.split(':', 1)[0]) return NOTHING;
  const attached = record.attached
    .map((arn) => managedDocument(cloud, arn))
    .filter((one) => one !== undefined);
  const { boundary } = record;
  return {
    identity: [...Object.values(record.inline), ...attached],
    boundary: boundary === undefined ? undefined : (managedDocument(cloud, boundary) ?? EMPTY),
    tags: record.tags,
  };
};

const listOf = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value;

const PRINCIPAL = /^arn:aws:(iam|sts)::(\d{12}):(root|user|role|assumed-role)(?:\/(.+))?$/;

/**
 * The unique ids of the users and roles that a resource policy names, by ARN.
 * Calls `refuse` with the first principal that cannot be named: a role or user that does not exist, another account's,
 * or something that is no principal.
 */
export const principalIdsOf = (
  cloud: Tables & Pick<Cloud, 'accountId'>,
  document: PolicyDocument,
  refuse: (principal: string) => AwsError,
): Record<string, string> => {
  const ids: Record<string, string> = {};
  const statements = Array.isArray(document.Statement) ? document.Statement : [document.Statement];
  for (const statement of statements) {
    for (const principal of [statement.Principal, statement.NotPrincipal]) {
      if (typeof principal !== 'object' || principal === null) continue;
      for (const arn of listOf(principal.AWS)) {
        const id = idOf(cloud, arn);
        if (id === undefined) throw refuse(arn);
        if (id !== '') ids[arn] = id;
      }
    }
  }
  return ids;
};

/** The unique id of a principal; '' for one that has none (anyone, the account); undefined when there is no such. */
const idOf = (cloud: Tables & Pick<Cloud, 'accountId'>, arn: string): string | undefined => {
  if (arn === '*' || arn === cloud.accountId) return '';
  const byId = /^A(ROA|IDA)[A-Z0-9]+$/.test(arn);
  if (byId)
    return [...rolesOf(cloud).values(), ...usersOf(cloud).values()].some((one) => one.id === arn)
      ? ''
      : undefined;
  const [, , account, kind, rest = ''] = PRINCIPAL.exec(arn) ?? [];
  if (account !== cloud.accountId) return undefined;
  if (kind === 'root') return '';
  const parts = rest.split('/');
  if (kind === 'assumed-role') return rolesOf(cloud).get(parts[0] ?? '')?.id;
  const record = (kind === 'user' ? usersOf(cloud) : rolesOf(cloud)).get(parts.at(-1) ?? '');
  return record?.arn === arn ? record.id : undefined;
};
