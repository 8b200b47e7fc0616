import { Duration } from 'aws-cdk-lib';
import { CfnEventInvokeConfig, EventSourceMapping, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { ResourceNames } from '../broker/names.ts';
import { RETRY_ATTEMPTS } from '../broker/refresh-period.ts';
import type { Grant } from './grants.ts';

export interface RetryQueueProps {
  readonly names: ResourceNames;
}

/**
 * Where failed refreshes go: tried again about every two minutes, fourteen times, so for as long as the token
 * before is still good; then to a dead-letter queue, whose alarm says that a sandbox has lost its git.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 */
export class RetryQueue extends Construct {
  readonly #queue: Queue;

  constructor(scope: Construct, id: string, { names }: RetryQueueProps) {
    super(scope, id);
    const deadLetterQueue = new Queue(this, 'DeadLetterQueue', {
      queueName: names.deadLetterQueue,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    this.#queue = new Queue(this, 'Queue', {
      queueName: names.retryQueue,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      visibilityTimeout: Duration.minutes(2),
      retentionPeriod: Duration.days(1),
      deadLetterQueue: { queue: deadLetterQueue, maxReceiveCount: RETRY_ATTEMPTS },
    });
  }

  /** What the function's role needs for {@link RetryQueue.serve}. */
  get grant(): Grant {
    return {
      sid: 'RetryQueue',
      actions: [
        'sqs:SendMessage',
        'sqs:ReceiveMessage',
        'sqs:DeleteMessage',
        'sqs:ChangeMessageVisibility',
        'sqs:GetQueueAttributes',
      ],
      resources: [this.#queue.queueArn],
    };
  }

  /** Sends the function's failed asynchronous invocations here, and gives them back to it one by one. */
  serve(target: IFunction): void {
    new CfnEventInvokeConfig(this, 'OnFailure', {
      functionName: target.functionName,
      qualifier: '$LATEST',
      // With Scheduler's 5 less than the 20 of a token's overlap: docs/decisions/newest-token-stands.md.
      maximumEventAgeInSeconds: Duration.minutes(13).toSeconds(),
      maximumRetryAttempts: 0,
      destinationConfig: { onFailure: { destination: this.#queue.queueArn } },
    });
    new EventSourceMapping(this, 'Redrive', {
      target,
      eventSourceArn: this.#queue.queueArn,
      batchSize: 1,
      reportBatchItemFailures: true,
    });
  }
}
