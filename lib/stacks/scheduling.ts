import { Aws, Duration } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnSchedule, CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import type { ResourceNames } from '../broker/names.ts';
import { policyOf } from './grants.ts';
import { SURVEY_PERIOD } from './metrics.ts';
import type { PlatformArns } from './platform-arns.ts';

export interface SchedulingProps {
  readonly names: ResourceNames;
  readonly arns: PlatformArns;
  readonly refresherArn: string;
}

/**
 * The group of every sandbox's schedules, the role that they fire as, and the platform's own schedule: it has the
 * refresher look over the fleet, from which the alarms know how old the oldest token is.
 */
export class Scheduling extends Construct {
  readonly roleArn: string;

  constructor(scope: Construct, id: string, { names, arns, refresherArn }: SchedulingProps) {
    super(scope, id);
    const group = new CfnScheduleGroup(this, 'Group', { name: names.scheduleGroup });
    const role = new Role(this, 'Role', {
      roleName: names.schedulerRole(Aws.REGION),
      description:
        'What the schedules of sandboxes do: refresh a token, delete the stack when its time is over.',
      // The account keeps another one's schedules from using this role (the confused deputy).
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
      inlinePolicies: {
        Scheduler: policyOf(this, [
          {
            sid: 'Refresh',
            actions: ['lambda:InvokeFunction'],
            resources: [arns.refresher],
          },
          {
            sid: 'DeadLetters',
            actions: ['sqs:SendMessage'],
            resources: [arns.of('sqs', names.retryQueue), arns.of('sqs', names.deadLetterQueue)],
          },
          {
            sid: 'EndOfLife',
            actions: ['cloudformation:DeleteStack'],
            resources: [arns.stack('*')],
            wildcard: 'Stacks of sandboxes, whose ids are not known yet.',
          },
        ]),
      },
    });
    this.roleArn = role.roleArn;

    new CfnSchedule(this, 'Survey', {
      name: names.surveySchedule,
      groupName: group.ref,
      description: 'Has the refresher look over the tokens of all sandboxes.',
      scheduleExpression: `rate(${SURVEY_PERIOD.toMinutes()} minutes)`,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: refresherArn,
        roleArn: role.roleArn,
        input: JSON.stringify({ action: 'survey' }),
        // The next one sees more than a late one.
        retryPolicy: { maximumEventAgeInSeconds: Duration.minutes(1).toSeconds(), maximumRetryAttempts: 1 },
      },
    });
  }
}
