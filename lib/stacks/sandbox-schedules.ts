import { Aws, Duration, Fn, Validations } from 'aws-cdk-lib';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { Construct, type IDependable } from 'constructs';
import type { ResourceNames } from '../broker/names.ts';
import { REFRESH_EVERY_MINUTES } from '../broker/refresh-period.ts';
import type { PlatformArns } from './platform-arns.ts';
import type { SandboxConditions, SandboxParameters } from './sandbox-parameters.ts';

export interface SandboxSchedulesProps {
  readonly names: ResourceNames;
  readonly arns: PlatformArns;
  readonly parameters: SandboxParameters;
  readonly conditions: SandboxConditions;
  /** The first token: refreshing starts after it, and is over before it is revoked. */
  readonly token: IDependable;
}

/**
 * A new token every period until the end of the sandbox, and that end.
 *
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
export class SandboxSchedules extends Construct {
  constructor(scope: Construct, id: string, props: SandboxSchedulesProps) {
    super(scope, id);
    const { names, arns, parameters, conditions, token } = props;
    const { sandboxId, expiresAt, refreshStart, refreshEvent } = parameters;
    const common = {
      groupName: names.scheduleGroup,
      flexibleTimeWindow: { mode: 'OFF' },
      scheduleExpressionTimezone: 'UTC',
    };
    const roleArn = arns.role(names.schedulerRole(Aws.REGION));

    const refresh = new CfnSchedule(this, 'Refresh', {
      ...common,
      name: names.schedule(sandboxId),
      description: `Refreshes the GitHub tokens of sandbox ${sandboxId}`,
      scheduleExpression: `rate(${REFRESH_EVERY_MINUTES} minutes)`,
      // Scheduler takes no StartDate of the past, also not for a schedule that rests.
      startDate: Fn.conditionIf(conditions.isPaused.logicalId, Aws.NO_VALUE, refreshStart).toString(),
      endDate: Fn.conditionIf(conditions.hasTtl.logicalId, `${expiresAt}Z`, Aws.NO_VALUE).toString(),
      state: Fn.conditionIf(conditions.isPaused.logicalId, 'DISABLED', 'ENABLED').toString(),
      target: {
        arn: arns.refresher,
        roleArn,
        input: refreshEvent,
        // Delivery only: what the function took and failed at is its own to try again.
        retryPolicy: { maximumEventAgeInSeconds: Duration.minutes(5).toSeconds(), maximumRetryAttempts: 10 },
        // An event that could not be delivered is taken up as one that failed.
        deadLetterConfig: { arn: arns.of('sqs', names.retryQueue) },
      },
    });
    refresh.overrideLogicalId('RefreshSchedule');
    refresh.cfnOptions.condition = conditions.hasRefresh;
    Validations.of(refresh).acknowledge({
      id: 'CloudFormation-Validate::W1032',
      reason: 'The input is empty only where the condition leaves the schedule out.',
    });
    refresh.node.addDependency(token);

    const end = new CfnSchedule(this, 'EndOfLife', {
      ...common,
      name: names.ttlSchedule(sandboxId),
      description: `Deletes sandbox ${sandboxId} at the end of its time`,
      scheduleExpression: `at(${expiresAt})`,
      target: {
        arn: `arn:${Aws.PARTITION}:scheduler:::aws-sdk:cloudformation:deleteStack`,
        roleArn,
        // The stack's id and not its name: never a later stack of the same name.
        input: `{"StackName":"${Aws.STACK_ID}"}`,
        retryPolicy: { maximumEventAgeInSeconds: Duration.days(1).toSeconds(), maximumRetryAttempts: 185 },
        // The retry queue is the refresher's, which deletes no stacks; here the alarm calls someone who does.
        deadLetterConfig: { arn: arns.of('sqs', names.deadLetterQueue) },
      },
    });
    end.overrideLogicalId('EndOfLifeSchedule');
    end.cfnOptions.condition = conditions.hasTtl;
  }
}
