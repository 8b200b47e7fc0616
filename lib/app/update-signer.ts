import {
  CloudFormationClient,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { KmError } from '../errors.ts';
import type { SandboxContext } from '../sandbox/context.ts';
import { platformMissing } from '../sandbox/invoke-refresher.ts';
import { watchStack } from '../sandbox/watch-stack.ts';

/** The platform template's parameter that says how the refresher signs. */
const PARAMETER = 'Signer';

/**
 * Has the platform's stack give the refresher one signer: what it may read and use changes with it. The template stays,
 * and so do all other parameters. Does nothing when the stack has that signer.
 *
 * IAM: `cloudformation:DescribeStacks`, `DescribeStackEvents`, `UpdateStack`, and what CloudFormation changes then.
 *
 * @throws {KmError} `ErrPlatformMissing`, also for a platform older than this km; `ErrPlatformUpdateFailed` with CloudFormation's reason, after it has rolled back.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_UpdateStack.html
 */
export async function updateSigner(context: SandboxContext, signer: 'parameter' | 'kms'): Promise<void> {
  const client = context.client(CloudFormationClient);
  const StackName = context.names.platformStack;
  const { Stacks } = await client.send(new DescribeStacksCommand({ StackName })).catch((error: unknown) => {
    if (error instanceof Error && /does not exist/.test(error.message)) throw platformMissing(context, error);
    throw error;
  });
  const { Parameters = [], StackId = '' } = Stacks?.[0] ?? {};
  const now = Parameters.find(({ ParameterKey }) => ParameterKey === PARAMETER);
  // An older platform signs with the stored key.
  if (now === undefined && signer === 'parameter') return;
  if (now === undefined) {
    throw new KmError(
      'ErrPlatformMissing',
      `The stack ${StackName} is older than this km and knows no signer.`,
      {
        remedy: 'km bootstrap',
      },
    );
  }
  if (now.ParameterValue === signer) return;
  const { StackEvents } = await client.send(new DescribeStackEventsCommand({ StackName: StackId }));
  await client.send(
    new UpdateStackCommand({
      StackName: StackId,
      UsePreviousTemplate: true,
      Capabilities: ['CAPABILITY_NAMED_IAM'],
      Parameters: Parameters.map(({ ParameterKey }) =>
        ParameterKey === PARAMETER
          ? { ParameterKey, ParameterValue: signer }
          : { ParameterKey, UsePreviousValue: true },
      ),
    }),
  );
  const end = await watchStack(context, {
    operation: 'update',
    stackId: StackId,
    after: StackEvents?.[0]?.EventId,
  });
  if (end?.status === 'UPDATE_COMPLETE') return;
  throw new KmError(
    'ErrPlatformUpdateFailed',
    `The stack ${StackName} did not take the signer '${signer}': ${end?.failures.join('; ') || end?.status}`,
    { remedy: 'Mend what CloudFormation names, then run the same command again.' },
  );
}
