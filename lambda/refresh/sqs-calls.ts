import { ChangeMessageVisibilityCommand, SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs';
import type { Runtime } from './invocation.ts';
import { queueUrl } from './queue-url.ts';

/**
 * Opens SQS. A bundle of its own, which only a retry that failed loads; see scripts/build.ts.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html
 */
export const openDelayMessage = (config: SQSClientConfig): Runtime['delayMessage'] => {
  const sqs = new SQSClient({ ...config, useQueueUrlAsEndpoint: false });
  return async ({ queueArn, receiptHandle }, seconds) => {
    await sqs.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: queueUrl(queueArn),
        ReceiptHandle: receiptHandle,
        VisibilityTimeout: seconds,
      }),
    );
  };
};
