import type { Caller, PolicyDocument } from '../../lib/local/aws/cloud.ts';
import { contextOf } from '../../lib/local/aws/policy/context.ts';
import { evaluate } from '../../lib/local/aws/policy/evaluate.ts';
import { ACCOUNT, type Filled, type Json, only, REGION } from './template.ts';

/** A principal with everything that decides what it may do. */
export interface Subject {
  readonly caller: Caller;
  readonly identity: readonly PolicyDocument[];
  readonly boundary?: PolicyDocument | undefined;
  /** Of a role, by key. */
  readonly tags?: Readonly<Record<string, string>>;
}

const ADMINISTRATOR: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
};

const user = (name: string): Caller => {
  const arn = `arn:aws:iam::${ACCOUNT}:user/${name}`;
  return { kind: 'user', arn, principalArn: arn, userId: 'AIDAEXAMPLE' };
};

/** A user of the account whose own policy allows everything: what stops them is someone else's policy. */
export const administrator: Subject = { caller: user('admin'), identity: [ADMINISTRATOR] };

/** A user with one of the platform's managed policies, and nothing else. */
export const userWith = (policies: Json, name = 'dev-anna'): Subject => ({
  caller: user(name),
  identity: [policies.PolicyDocument],
});

/** A session of a role as its template defines it. */
export const session = (role: Json, boundary?: Json): Subject => ({
  caller: {
    kind: 'role',
    arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${role.RoleName}/test`,
    principalArn: `arn:aws:iam::${ACCOUNT}:role/${role.RoleName}`,
    userId: 'AROAEXAMPLE:test',
  },
  identity: role.Policies.map((policy: Json) => policy.PolicyDocument),
  tags: Object.fromEntries((role.Tags ?? []).map(({ Key, Value }: Json) => [Key, Value])),
  ...(boundary === undefined ? {} : { boundary: boundary.PolicyDocument }),
});

/** The role of that name in a filled template, as a session. */
export const roleNamed = (filled: Filled, RoleName: string, boundary?: Json): Subject =>
  session(only(filled, 'AWS::IAM::Role', { RoleName }), boundary);

const tagContext = ({ tags = {} }: Subject) =>
  Object.fromEntries(Object.entries(tags).map(([key, value]) => [`aws:PrincipalTag/${key}`, value]));

/** True when the policies allow. With a key or trust policy, that one must allow too. */
export const may = (
  subject: Subject,
  action: string,
  resource: string,
  context: Readonly<Record<string, string>> = {},
  resourcePolicy?: PolicyDocument,
): boolean =>
  evaluate({
    action,
    resource,
    context: contextOf({ 'aws:PrincipalArn': subject.caller.principalArn }, tagContext(subject), context),
    caller: subject.caller,
    accountId: ACCOUNT,
    identity: subject.identity,
    boundary: subject.boundary,
    resourcePolicy,
  }).allowed;

/** May a service assume the role, on behalf of this account? */
export const serviceMayAssume = (role: Json, service: string, sourceAccount?: string): boolean =>
  evaluate({
    action: 'sts:AssumeRole',
    resource: `arn:aws:iam::${ACCOUNT}:role/${role.RoleName}`,
    context: contextOf(sourceAccount === undefined ? {} : { 'aws:SourceAccount': sourceAccount }),
    caller: { kind: 'service', arn: service, principalArn: service, userId: service },
    accountId: ACCOUNT,
    identity: [],
    resourcePolicy: role.AssumeRolePolicyDocument,
  }).allowed;

export const parameterArn = (name: string): string => `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter${name}`;

/** The context of a call to KMS that Parameter Store makes on the caller's behalf for this parameter. */
export const viaParameterStore = (parameter: string) => ({
  'kms:ViaService': `ssm.${REGION}.amazonaws.com`,
  'kms:EncryptionContext:PARAMETER_ARN': parameterArn(parameter),
});
