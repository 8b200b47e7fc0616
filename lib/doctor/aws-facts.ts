import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeKeyCommand, KMSClient, ListAliasesCommand } from '@aws-sdk/client-kms';
import { ListSchedulesCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DescribeParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { SandboxContext } from '../sandbox/context.ts';
import type { LogFact, ParameterFact, PlatformFact, QueueFact } from './facts.ts';

/** Reads everything below a path but the values. `ssm:DescribeParameters`. */
export async function listParameters(context: SandboxContext, path: string): Promise<ParameterFact[]> {
  const found: ParameterFact[] = [];
  let NextToken: string | undefined;
  do {
    const page = await context.client(SSMClient).send(
      new DescribeParametersCommand({
        ParameterFilters: [{ Key: 'Path', Option: 'Recursive', Values: [path] }],
        MaxResults: 50,
        ...(NextToken ? { NextToken } : {}),
      }),
    );
    for (const { Name = '', Type = '', KeyId = '', Description = '', LastModifiedDate } of page.Parameters ??
      []) {
      const lastModified = LastModifiedDate?.getTime() ?? 0;
      found.push({ name: Name, type: Type, keyId: KeyId, description: Description, lastModified });
    }
    NextToken = page.NextToken;
  } while (NextToken);
  return found;
}

/** State by name of every schedule of the platform. `scheduler:ListSchedules`. */
export async function listSchedules(context: SandboxContext): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  let NextToken: string | undefined;
  do {
    const page = await context
      .client(SchedulerClient)
      .send(
        new ListSchedulesCommand({
          GroupName: context.names.scheduleGroup,
          MaxResults: 100,
          ...(NextToken ? { NextToken } : {}),
        }),
      )
      .catch((error: unknown) => {
        // Without a platform there is no group, and in no group there is no schedule.
        if (error instanceof Error && error.name === 'ResourceNotFoundException') return undefined;
        throw error;
      });
    for (const { Name = '', State = '' } of page?.Schedules ?? []) found.set(Name, State);
    NextToken = page?.NextToken;
  } while (NextToken);
  return found;
}

/** Key id by name of every alias of a sandbox's key. `kms:ListAliases`. */
export async function listKeyAliases(context: SandboxContext): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  let Marker: string | undefined;
  do {
    const page = await context
      .client(KMSClient)
      .send(new ListAliasesCommand({ Limit: 100, ...(Marker ? { Marker } : {}) }));
    for (const { AliasName = '', TargetKeyId = '' } of page.Aliases ?? []) {
      if (AliasName.startsWith(context.names.keyAlias(''))) found.set(AliasName, TargetKeyId);
    }
    Marker = page.Truncated ? page.NextMarker : undefined;
  } while (Marker);
  return found;
}

/** `Enabled`, `Disabled`, `PendingDeletion`, …, or `missing`. `kms:DescribeKey`. */
export async function keyState(context: SandboxContext, keyId: string): Promise<string> {
  try {
    const { KeyMetadata } = await context.client(KMSClient).send(new DescribeKeyCommand({ KeyId: keyId }));
    return KeyMetadata?.KeyState ?? 'missing';
  } catch (error) {
    if (error instanceof Error && error.name === 'NotFoundException') return 'missing';
    throw error;
  }
}

/** The platform's stack, or `undefined`. `cloudformation:DescribeStacks`. */
export async function readPlatform(context: SandboxContext): Promise<PlatformFact | undefined> {
  const StackName = context.names.platformStack;
  try {
    const { Stacks } = await context
      .client(CloudFormationClient)
      .send(new DescribeStacksCommand({ StackName }));
    const [stack] = Stacks ?? [];
    if (stack === undefined) return undefined;
    const { StackDriftStatus = 'NOT_CHECKED', LastCheckTimestamp } = stack.DriftInformation ?? {};
    return {
      status: stack.StackStatus ?? 'UNKNOWN',
      outputs: new Map(
        (stack.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey ?? '', OutputValue ?? '']),
      ),
      drift: StackDriftStatus,
      ...(LastCheckTimestamp ? { driftCheckedAt: LastCheckTimestamp.getTime() } : {}),
    };
  } catch (error) {
    if (error instanceof Error && error.name === 'ValidationError' && /does not exist/.test(error.message))
      return undefined;
    throw error;
  }
}

/** How many messages wait in a queue. `sqs:GetQueueUrl`, `sqs:GetQueueAttributes`. */
export async function readQueue(context: SandboxContext, QueueName: string): Promise<QueueFact> {
  const client = context.client(SQSClient);
  const { QueueUrl: url = '' } = await client.send(new GetQueueUrlCommand({ QueueName }));
  const { Attributes = {} } = await client.send(
    new GetQueueAttributesCommand({
      QueueUrl: url,
      AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
    }),
  );
  const messages = Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0);
  return { url, messages };
}

/** CloudWatch answers page after page while it searches, also empty ones. */
const MOST_PAGES = 50;
/** km's own lines, and the runtime's about a function that did not end. */
const FAILURES = [
  'token_generation_failed',
  'token_revocation_failed',
  'invocation_failed',
  '"Task timed out"',
  '"Runtime exited"',
];

/** The refresher's failures since `since` (milliseconds since the epoch), oldest first. `logs:FilterLogEvents`. */
export async function readFailures(
  context: SandboxContext,
  since: number,
): Promise<{ lines: LogFact[]; more: boolean }> {
  const lines: LogFact[] = [];
  let nextToken: string | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const page = await context.client(CloudWatchLogsClient).send(
      new FilterLogEventsCommand({
        logGroupName: context.names.logGroup,
        startTime: since,
        filterPattern: FAILURES.map((term) => `?${term}`).join(' '),
        ...(nextToken ? { nextToken } : {}),
      }),
    );
    for (const { timestamp = 0, message = '' } of page.events ?? []) lines.push({ time: timestamp, message });
    nextToken = page.nextToken;
    if (!nextToken) return { lines, more: false };
  }
  return { lines, more: true };
}
