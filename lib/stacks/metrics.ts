import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { ResourceNames } from '../broker/names.ts';

/** How often the fleet is looked at, and so the finest that its metrics are. */
export const SURVEY_PERIOD = Duration.minutes(5);

/** The metrics that the refresher writes in embedded metric format, of one platform. */
export type RefresherMetric =
  | 'AppKeyRejected'
  | 'Failures'
  | 'GitHubLimitLeft'
  | 'OldestTokenAge'
  | 'PermanentFailures'
  | 'Refreshes'
  | 'Retries'
  | 'Sandboxes'
  | 'Throttles';

/** Where the refresher's metrics are. */
export const METRIC_NAMESPACE = 'km';

/** One of the refresher's metrics, over five minutes. */
export const refresherMetric = (
  { prefix }: ResourceNames,
  metricName: RefresherMetric,
  statistic: 'Sum' | 'Maximum' | 'Minimum',
): Metric =>
  new Metric({
    namespace: METRIC_NAMESPACE,
    metricName,
    dimensionsMap: { Prefix: prefix },
    statistic,
    period: SURVEY_PERIOD,
  });

/** One of Lambda's own metrics of the refresher, over five minutes. */
export const functionMetric = (
  { functionName }: ResourceNames,
  metricName: 'ConcurrentExecutions' | 'Duration' | 'Throttles',
  statistic: 'Sum' | 'Maximum' | 'p99',
): Metric =>
  new Metric({
    namespace: 'AWS/Lambda',
    metricName,
    dimensionsMap: { FunctionName: functionName },
    statistic,
    period: SURVEY_PERIOD,
  });

/** How many messages wait in one of the queues. */
export const queueMetric = (queueName: string): Metric =>
  new Metric({
    namespace: 'AWS/SQS',
    metricName: 'ApproximateNumberOfMessagesVisible',
    dimensionsMap: { QueueName: queueName },
    statistic: 'Maximum',
    period: Duration.minutes(1),
  });
