import { Aws } from 'aws-cdk-lib';
import { ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { ResourceNames } from '../broker/names.ts';
import { type Grant, policyOf } from './grants.ts';
import type { PlatformArns } from './platform-arns.ts';

export interface OperatorPolicyProps {
  readonly names: ResourceNames;
  readonly arns: PlatformArns;
  readonly sharedKeyArn: string;
  readonly cloudFormationRoleArn: string;
  readonly logGroupArn: string;
}

/** Everything that a `km` operator needs and no more. Attach it to the people and pipelines that run sandboxes. */
export class OperatorPolicy extends Construct {
  readonly policyArn: string;

  constructor(scope: Construct, id: string, props: OperatorPolicyProps) {
    super(scope, id);
    const policy = new ManagedPolicy(this, 'Policy', {
      managedPolicyName: props.names.operatorPolicy(Aws.REGION),
      description: 'What a km operator needs: create, look at, use, change and destroy sandboxes.',
      document: policyOf(this, [...stackGrants(props), ...useGrants(props)]),
    });
    this.policyArn = policy.managedPolicyArn;
  }
}

const stackGrants = ({ names, arns, cloudFormationRoleArn }: OperatorPolicyProps): Grant[] => [
  {
    // No UpdateStack: with a template of their own it would reach the tokens of others. The refresher updates instead;
    // docs/decisions/updates-by-the-refresher.md.
    sid: 'CreateSandbox',
    actions: ['cloudformation:ContinueUpdateRollback', 'cloudformation:CreateStack'],
    resources: [arns.stack('*')],
    wildcard: 'Stacks of sandboxes, whose ids are not known yet.',
    conditions: { StringEquals: { 'cloudformation:RoleArn': cloudFormationRoleArn } },
  },
  // Without a role in the request, CloudFormation deletes as the role that the stack was created with.
  {
    sid: 'DestroySandbox',
    actions: ['cloudformation:DeleteStack'],
    resources: [arns.stack('*')],
    wildcard: 'Stacks of sandboxes, whose ids are not known yet.',
    conditions: { StringEqualsIfExists: { 'cloudformation:RoleArn': cloudFormationRoleArn } },
  },
  {
    sid: 'LookAtSandbox',
    actions: [
      'cloudformation:DescribeStackEvents',
      'cloudformation:DescribeStackResources',
      'cloudformation:TagResource',
    ],
    resources: [arns.stack('*')],
    wildcard: 'Stacks of sandboxes, whose ids are not known yet.',
  },
  {
    sid: 'ListSandboxes',
    actions: [
      'cloudformation:DescribeStacks',
      'kms:ListAliases',
      'scheduler:ListSchedules',
      'ssm:DescribeParameters',
    ],
    resources: ['*'],
    wildcard: 'Listing knows no resource. What it shows holds no secret.',
  },
  {
    sid: 'PassCloudFormationRole',
    actions: ['iam:PassRole'],
    resources: [cloudFormationRoleArn],
    conditions: { StringEquals: { 'iam:PassedToService': 'cloudformation.amazonaws.com' } },
  },
  {
    sid: 'LookAtSchedules',
    actions: ['scheduler:GetSchedule'],
    resources: [arns.schedule(names.schedule('*')), arns.schedule(names.ttlSchedule('*'))],
    wildcard: 'Schedules of sandboxes, whose ids are not known yet.',
  },
];

const useGrants = ({ names, arns, sharedKeyArn, logGroupArn }: OperatorPolicyProps): Grant[] => [
  {
    sid: 'Refresh',
    actions: ['lambda:InvokeFunction', 'lambda:GetFunctionConfiguration'],
    resources: [arns.refresher],
  },
  {
    sid: 'LookAtQueues',
    actions: ['sqs:GetQueueAttributes', 'sqs:GetQueueUrl'],
    resources: [arns.of('sqs', names.deadLetterQueue), arns.of('sqs', names.retryQueue)],
  },
  {
    sid: 'FindGitHub',
    actions: ['ssm:GetParameter'],
    resources: [arns.parameter(names.host)],
  },
  {
    sid: 'LookAtKeys',
    actions: ['kms:DescribeKey'],
    resources: [arns.key('*')],
    wildcard: 'Key ids are random. The condition leaves only keys of sandboxes.',
    conditions: { Null: { 'aws:ResourceTag/km:sandbox-id': 'false' } },
  },
  {
    sid: 'LookAtSharedKey',
    actions: ['kms:DescribeKey'],
    resources: [sharedKeyArn],
  },
  {
    sid: 'ActAsSandbox',
    actions: ['sts:AssumeRole'],
    resources: [arns.role(names.sandboxRole('*'))],
    wildcard: 'Roles of sandboxes, each of which trusts its own operators only.',
  },
  {
    sid: 'ReadLogs',
    actions: ['logs:FilterLogEvents', 'logs:GetLogEvents', 'logs:DescribeLogStreams'],
    resources: [logGroupArn],
  },
];
