import { Aws } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import type { ResourceNames } from '../broker/names.ts';
import { policyOf } from './grants.ts';
import type { PlatformArns } from './platform-arns.ts';

export interface SchedulingProps {
  readonly names: ResourceNames;
  readonly arns: PlatformArns;
}

/** The group of every sandbox's schedules, and the role that they fire as. */
export class Scheduling extends Construct {
  readonly roleArn: string;

  constructor(scope: Construct, id: string, { names, arns }: SchedulingProps) {
    super(scope, id);
    new CfnScheduleGroup(this, 'Group', { name: names.scheduleGroup });
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
  }
}
