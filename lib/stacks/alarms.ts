import {
  Alarm,
  type AlarmProps,
  ComparisonOperator,
  MathExpression,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { ResourceNames } from '../broker/names.ts';
import { REFRESH_MISSED_MINUTES } from '../broker/refresh-period.ts';
import { functionMetric, queueMetric, refresherMetric, SURVEY_PERIOD } from './metrics.ts';

export interface AlarmsProps {
  readonly names: ResourceNames;
  readonly topic: ITopic;
}

/**
 * What calls an operator before a sandbox is without git: a token is replaced when it is 40 minutes old and dies at 60,
 * so that age and failures are told of within the 20 minutes between.
 */
export class Alarms extends Construct {
  readonly all: readonly Alarm[];

  constructor(scope: Construct, id: string, { names, topic }: AlarmsProps) {
    super(scope, id);
    this.all = [
      new Alarm(this, 'TokenAge', {
        ...atLeast(REFRESH_MISSED_MINUTES * 60),
        comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
        alarmName: names.alarm('token-age'),
        alarmDescription: `A sandbox's GitHub token is older than ${REFRESH_MISSED_MINUTES} minutes and dies at 60: km top, then km logs ID.`,
        metric: refresherMetric(names, 'OldestTokenAge', 'Maximum'),
      }),
      new Alarm(this, 'PermanentFailures', {
        ...atLeast(1),
        alarmName: names.alarm('permanent-failures'),
        alarmDescription:
          "A sandbox's GitHub token cannot be renewed until someone removes the reason: km doctor.",
        metric: refresherMetric(names, 'PermanentFailures', 'Maximum'),
      }),
      new Alarm(this, 'DeadLetters', {
        ...atLeast(1),
        alarmName: names.deadLetterQueue,
        alarmDescription: 'A sandbox could not refresh its GitHub token for half an hour: km doctor.',
        metric: queueMetric(names.deadLetterQueue),
      }),
      new Alarm(this, 'FailureRate', {
        ...atLeast(10),
        evaluationPeriods: 2,
        alarmName: names.alarm('failure-rate'),
        alarmDescription:
          'For ten minutes at least one in ten refreshes of GitHub tokens has failed: km doctor.',
        metric: new MathExpression({
          label: 'failures of refreshes, in percent',
          // Two that fail are tried again, and in a small fleet already many percent.
          expression: 'IF(failures >= 3, 100 * failures / (failures + FILL(refreshes, 0)), 0)',
          usingMetrics: {
            failures: refresherMetric(names, 'Failures', 'Sum'),
            refreshes: refresherMetric(names, 'Refreshes', 'Sum'),
          },
          period: SURVEY_PERIOD,
        }),
      }),
      new Alarm(this, 'Throttles', {
        ...atLeast(10),
        evaluationPeriods: 2,
        alarmName: names.alarm('throttles'),
        alarmDescription:
          'GitHub, Parameter Store, KMS or Lambda has kept refusing the refresher for ten minutes: docs/scale.md.',
        metric: new MathExpression({
          label: 'throttled requests',
          expression: 'FILL(requests, 0) + FILL(invocations, 0)',
          usingMetrics: {
            requests: refresherMetric(names, 'Throttles', 'Sum'),
            invocations: functionMetric(names, 'Throttles', 'Sum'),
          },
          period: SURVEY_PERIOD,
        }),
      }),
      new Alarm(this, 'AppKeyRejected', {
        ...atLeast(1),
        alarmName: names.alarm('app-key-rejected'),
        alarmDescription:
          "GitHub does not accept the App's key, so that no token can be made: km github status.",
        metric: refresherMetric(names, 'AppKeyRejected', 'Sum'),
      }),
      new Alarm(this, 'Survey', {
        alarmName: names.alarm('survey'),
        alarmDescription:
          'For 15 minutes nothing has looked over the fleet, so that the other alarms see nothing: km doctor.',
        metric: refresherMetric(names, 'Sandboxes', 'Maximum'),
        // Never less than none: what counts is that there is a number.
        threshold: 0,
        comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
        evaluationPeriods: 3,
        treatMissingData: TreatMissingData.BREACHING,
      }),
    ];
    for (const alarm of this.all) {
      alarm.addAlarmAction(new SnsAction(topic));
      alarm.addOkAction(new SnsAction(topic));
    }
  }
}

const atLeast = (
  threshold: number,
): Pick<AlarmProps, 'threshold' | 'evaluationPeriods' | 'comparisonOperator' | 'treatMissingData'> => ({
  threshold,
  evaluationPeriods: 1,
  comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  // No refreshes, or none that fails: nothing is written then.
  treatMissingData: TreatMissingData.NOT_BREACHING,
});
