import type { Stack } from '@aws-sdk/client-cloudformation';
import { type ResourceNames, SANDBOX_ID } from '../broker/names.ts';
import type { RefreshEvent } from '../broker/refresh-event.ts';
import { KmError } from '../errors.ts';
import type { GuardPolicy } from '../guard/guard-policy.ts';
import { type EgressPolicy, NO_EGRESS } from '../profile/egress-policy.ts';
import { fromStackParameters } from './stack-parameters.ts';

/** What a sandbox's stack tells of it, without a further request. */
export interface SandboxRecord {
  readonly id: string;
  readonly stackId: string;
  /** CloudFormation's status of the stack: `CREATE_COMPLETE`, … */
  readonly stackStatus: string;
  readonly stackStatusReason?: string;
  /** Set when km did not write its stack: what it reaches cannot be told. */
  readonly unreadable?: true;
  readonly profile: string;
  readonly substrate: 'docker' | 'ec2' | 'ecs' | 'eks';
  readonly guard: GuardPolicy;
  /** What the egress proxy lets through beside the repos. */
  readonly egress: EgressPolicy;
  /** Absent: a sandbox without GitHub. */
  readonly event?: RefreshEvent;
  /** Whether a key of its own or the platform's shared one encrypts its tokens. */
  readonly encryption: 'per-sandbox' | 'shared';
  /** It has no token and gets none until it is resumed. */
  readonly paused: boolean;
  /** When its schedule began or begins, in milliseconds since the epoch; absent: it has none. */
  readonly refreshStart?: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Milliseconds since the epoch; absent: until destroyed. */
  readonly expiresAt?: number;
  readonly createdBy?: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The role of that name in the stack's own account; absent when the stack names another. */
  readonly roleArn?: string;
  readonly keyArn?: string;
  readonly instanceProfileName?: string;
}

const LABEL = 'km:label:';

/** The id of a stack's sandbox, by the stack's name; `undefined` for a stack that is not a sandbox. */
export function sandboxIdOf({ StackName = '' }: Stack, names: ResourceNames): string | undefined {
  const id = StackName.slice(names.stackName('').length);
  return SANDBOX_ID.test(id) && StackName === names.stackName(id) ? id : undefined;
}

/**
 * Reads a sandbox from its stack, as DescribeStacks answers it. Returns `undefined` for a stack that is not a sandbox.
 *
 * Its name and its ARN are CloudFormation's word; parameters, tags and outputs are that of whoever created it. An
 * operator may create a stack of any template, and nobody is to assume the role that such a stack names.
 *
 * Throws `ErrSandboxFailed`, `ErrRefreshEventInvalid` or `ErrGuardPolicyInvalid` when km did not write its parameters.
 */
export function sandboxRecord(stack: Stack, names: ResourceNames): SandboxRecord | undefined {
  const id = sandboxIdOf(stack, names);
  if (id === undefined || stack.StackId === undefined) return undefined;
  const { profileName, ...read } = fromStackParameters(stack.Parameters ?? []);
  if (read.id !== id) {
    throw new KmError('ErrSandboxFailed', `The stack of sandbox ${id} was not made by km create.`, {
      remedy: `km destroy ${id}`,
    });
  }
  const outputs = new Map(
    (stack.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue ?? '']),
  );
  const roleArn = outputs.get('RoleArn');
  const isItsOwn = roleArn === roleArnOf(stack.StackId, names.sandboxRole(id));
  return {
    ...read,
    ...fromStack(stack, id),
    profile: profileName,
    ...optional('roleArn', isItsOwn ? roleArn : undefined),
    ...optional('keyArn', outputs.get('KeyArn')),
    ...optional('instanceProfileName', outputs.get('InstanceProfileName')),
  };
}

/** What can be told of a sandbox whose stack km did not write: it reaches nothing, and can be destroyed. */
export function unreadableSandbox(stack: Stack, id: string, reason: string): SandboxRecord {
  return {
    ...fromStack(stack, id),
    unreadable: true,
    stackStatusReason: reason,
    profile: '-',
    substrate: 'docker',
    guard: { allowedRefs: [], allowForcePushes: false, allowDeletions: false },
    egress: NO_EGRESS,
    encryption: 'per-sandbox',
    paused: false,
  };
}

const optional = <K extends string>(key: K, value: string | undefined) =>
  (value === undefined || value === '' ? {} : { [key]: value }) as { [P in K]?: string };

function fromStack(stack: Stack, id: string) {
  const tags = new Map((stack.Tags ?? []).map(({ Key, Value }) => [Key, Value ?? '']));
  return {
    id,
    stackId: stack.StackId ?? '',
    stackStatus: stack.StackStatus ?? 'UNKNOWN',
    createdAt: stack.CreationTime?.getTime() ?? 0,
    labels: Object.fromEntries(
      [...tags].flatMap(([key, value]) => (key?.startsWith(LABEL) ? [[key.slice(LABEL.length), value]] : [])),
    ),
    ...optional('stackStatusReason', stack.StackStatusReason),
    ...optional('createdBy', tags.get('km:created-by')),
  };
}

/** `arn:PARTITION:cloudformation:REGION:ACCOUNT:stack/…` tells the partition and the account. */
function roleArnOf(stackId: string, role: string): string {
  const [, partition, , , account] = stackId.split(':');
  return `arn:${partition}:iam::${account}:role/${role}`;
}

const MOST_OF_A_VALUE = 256;

/** What IAM and KMS take as a tag's value; the names and paths of principals may hold more. */
const tagValue = (text: string): string =>
  text.replace(/[^A-Za-z0-9 _.:/=+@-]/g, '_').slice(0, MOST_OF_A_VALUE);

/**
 * Tags a sandbox's stack, and with it those of its resources that take tags (key, role).
 *
 * {@link https://docs.aws.amazon.com/IAM/latest/APIReference/API_Tag.html}
 */
export function sandboxTags(options: {
  readonly id: string;
  readonly profile: string;
  readonly createdBy: string;
  readonly labels: Readonly<Record<string, string>>;
}): { Key: string; Value: string }[] {
  return [
    { Key: 'km:sandbox-id', Value: options.id },
    { Key: 'km:profile', Value: options.profile },
    { Key: 'km:created-by', Value: tagValue(options.createdBy) },
    ...Object.entries(options.labels).map(([key, Value]) => ({ Key: `${LABEL}${key}`, Value })),
  ];
}
