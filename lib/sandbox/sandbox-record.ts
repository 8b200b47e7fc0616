import type { Stack } from '@aws-sdk/client-cloudformation';
import type { RefreshEvent } from '../broker/refresh-event.ts';
import type { GuardPolicy } from '../guard/guard-policy.ts';
import { fromStackParameters } from './stack-parameters.ts';

/** What a sandbox's stack tells of it, without a further request. */
export interface SandboxRecord {
  readonly id: string;
  readonly stackId: string;
  /** CloudFormation's status of the stack: `CREATE_COMPLETE`, … */
  readonly stackStatus: string;
  readonly stackStatusReason?: string;
  readonly profile: string;
  readonly substrate: 'docker' | 'ec2' | 'ecs' | 'eks';
  readonly guard: GuardPolicy;
  /** Absent: a sandbox without GitHub. */
  readonly event?: RefreshEvent;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Milliseconds since the epoch; absent: until destroyed. */
  readonly expiresAt?: number;
  readonly createdBy?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly roleArn?: string;
  readonly keyArn?: string;
  readonly instanceProfileName?: string;
}

const LABEL = 'km:label:';

/** Reads a sandbox from its stack, as DescribeStacks answers it. Returns `undefined` for a stack that is not a sandbox. */
export function sandboxRecord(stack: Stack): SandboxRecord | undefined {
  const tags = new Map((stack.Tags ?? []).map(({ Key, Value }) => [Key, Value ?? '']));
  const outputs = new Map(
    (stack.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue ?? '']),
  );
  const id = tags.get('km:sandbox-id');
  if (id === undefined || stack.StackId === undefined) return undefined;
  const optional = <K extends string>(key: K, value: string | undefined) =>
    (value === undefined || value === '' ? {} : { [key]: value }) as { [P in K]?: string };
  return {
    ...fromRecord(fromStackParameters(stack.Parameters ?? [])),
    id,
    stackId: stack.StackId,
    stackStatus: stack.StackStatus ?? 'UNKNOWN',
    createdAt: stack.CreationTime?.getTime() ?? 0,
    labels: Object.fromEntries(
      [...tags].flatMap(([key, value]) => (key?.startsWith(LABEL) ? [[key.slice(LABEL.length), value]] : [])),
    ),
    ...optional('stackStatusReason', stack.StackStatusReason),
    ...optional('createdBy', tags.get('km:created-by')),
    ...optional('roleArn', outputs.get('RoleArn')),
    ...optional('keyArn', outputs.get('KeyArn')),
    ...optional('instanceProfileName', outputs.get('InstanceProfileName')),
  };
}

const fromRecord = ({ profileName, ...rest }: ReturnType<typeof fromStackParameters>) => ({
  ...rest,
  profile: profileName,
});

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
