import {
  CloudFormationClient,
  type CloudFormationClientConfig,
  DescribeStacksCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import type { StackCalls } from '../../lib/broker/reconfigure.ts';

/** Opens CloudFormation. A bundle of its own, which only reconfiguring loads; see scripts/build.ts. */
export const openStackCalls = (config: CloudFormationClientConfig): StackCalls => {
  const cloudFormation = new CloudFormationClient({
    ...config,
    // UpdateStack reads the whole template before it answers.
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 20_000 },
  });
  return {
    describeStacks: (input) => cloudFormation.send(new DescribeStacksCommand(input)),
    updateStack: (input) => cloudFormation.send(new UpdateStackCommand(input)),
  };
};
