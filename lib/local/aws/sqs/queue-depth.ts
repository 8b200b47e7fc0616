import { type Cloud, serviceCaller } from '../cloud.ts';
import type { QueueStore } from './queue-store.ts';

/**
 * Tells CloudWatch how deep a queue is, whenever that has changed: AWS/SQS by QueueName.
 *
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
export const depthTeller = (cloud: Cloud, store: () => QueueStore): ((queue: string) => void) => {
  const pending = new Set<string>();
  const told = new Map<string, string>();

  const tell = async (queue: string): Promise<void> => {
    // what happens together is told together
    await new Promise<void>((resolve) => setImmediate(resolve));
    pending.delete(queue);
    const { visible, received, delayed } = store().depth(queue);
    const depth = [visible, received, delayed].join();
    if (told.get(queue) === depth) return;
    told.set(queue, depth);
    const datum = (MetricName: string, Value: number) => ({
      MetricName,
      Value,
      Unit: 'Count',
      Dimensions: [{ Name: 'QueueName', Value: queue }],
    });
    const MetricData = [
      datum('ApproximateNumberOfMessagesVisible', visible),
      datum('ApproximateNumberOfMessagesNotVisible', received),
      datum('ApproximateNumberOfMessagesDelayed', delayed),
    ];
    const caller = serviceCaller('sqs.amazonaws.com');
    await cloud.call('monitoring', 'PutMetricData', { Namespace: 'AWS/SQS', MetricData }, caller);
  };

  return (queue) => {
    if (pending.has(queue)) return;
    pending.add(queue);
    cloud.clock
      .busy(tell(queue))
      .catch((error: Error) => cloud.log('queue_depth_not_told', { queue, message: error.message }));
  };
};
