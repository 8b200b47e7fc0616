import { Aws } from 'aws-cdk-lib';
import { Effect, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { ResourceNames } from '../broker/names.ts';
import { type Grant, policyOf } from './grants.ts';
import type { PlatformArns } from './platform-arns.ts';

export interface CloudFormationRoleProps {
  readonly names: ResourceNames;
  readonly arns: PlatformArns;
  readonly boundaryArn: string;
  readonly schedulerRoleArn: string;
  /** Keys of the platform, which no stack of a sandbox may touch. */
  readonly platformKeyArns: readonly string[];
}

/**
 * The service role of sandbox stacks: what their template needs to be made, changed and unmade, so that an operator
 * needs CloudFormation and PassRole only. Of what is made, schedules are all that km changes.
 *
 * An operator may hand it any template, so it must not be worth more than the template of a sandbox: it makes roles of
 * sandboxes only, with the boundary only, and lets no one else in; see docs/decisions/permissions-boundary.md.
 */
export class CloudFormationRole extends Construct {
  readonly roleArn: string;

  constructor(scope: Construct, id: string, props: CloudFormationRoleProps) {
    super(scope, id);
    const role = new Role(this, 'Role', {
      roleName: props.names.cloudFormationRole(Aws.REGION),
      description: 'CloudFormation makes, changes and unmakes the stacks of sandboxes as this role.',
      assumedBy: new ServicePrincipal('cloudformation.amazonaws.com'),
      inlinePolicies: {
        Roles: policyOf(this, roleGrants(props)),
        Keys: policyOf(this, keyGrants(props)),
        Schedules: policyOf(this, scheduleGrants(props)),
      },
    });
    this.roleArn = role.roleArn;
  }
}

const roleGrants = ({ names, arns, boundaryArn }: CloudFormationRoleProps): Grant[] => {
  const roles = [arns.role(names.sandboxRole('*'))];
  return [
    {
      sid: 'MakeBoundedRoles',
      actions: ['iam:CreateRole', 'iam:PutRolePolicy'],
      resources: roles,
      wildcard:
        'Roles of sandboxes, whose ids are not known yet. The boundary holds whatever they are given.',
      conditions: { StringEquals: { 'iam:PermissionsBoundary': boundaryArn } },
    },
    {
      sid: 'LookAfterRoles',
      actions: [
        'iam:DeleteRole',
        'iam:DeleteRolePolicy',
        'iam:GetRole',
        'iam:GetRolePolicy',
        'iam:ListAttachedRolePolicies',
        'iam:ListRolePolicies',
        'iam:TagRole',
        'iam:UntagRole',
      ],
      resources: roles,
    },
    {
      sid: 'InstanceProfiles',
      actions: [
        'iam:AddRoleToInstanceProfile',
        'iam:CreateInstanceProfile',
        'iam:DeleteInstanceProfile',
        'iam:GetInstanceProfile',
        'iam:RemoveRoleFromInstanceProfile',
        'iam:TagInstanceProfile',
      ],
      resources: [arns.instanceProfile(names.sandboxRole('*'))],
      wildcard: 'Instance profiles of sandboxes, whose ids are not known yet.',
    },
    // `*` reaches over a slash: in the path /km-sandbox-x/ a role could have any name, also one that others trust.
    {
      sid: 'NoPaths',
      effect: Effect.DENY,
      actions: ['iam:*'],
      resources: [arns.role(names.sandboxRole('*/*')), arns.instanceProfile(names.sandboxRole('*/*'))],
      wildcard: 'Denied, so that the wider it reaches the less may be done.',
    },
    // AddRoleToInstanceProfile asks for PassRole on the role that it adds.
    {
      sid: 'PassSandboxRole',
      actions: ['iam:PassRole'],
      resources: roles,
      conditions: { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } },
    },
  ];
};

const keyGrants = ({ names, arns, platformKeyArns }: CloudFormationRoleProps): Grant[] => [
  {
    sid: 'MakeKeys',
    actions: ['kms:CreateKey', 'kms:ListAliases'],
    resources: ['*'],
    wildcard: 'A key has no ARN before it is made, and ListAliases knows no resource.',
  },
  {
    sid: 'LookAfterKeys',
    actions: [
      'kms:DescribeKey',
      'kms:EnableKeyRotation',
      'kms:GetKeyPolicy',
      'kms:GetKeyRotationStatus',
      'kms:ListResourceTags',
      'kms:PutKeyPolicy',
      'kms:ScheduleKeyDeletion',
      'kms:TagResource',
      'kms:UntagResource',
    ],
    resources: [arns.key('*')],
    wildcard: 'Key ids are random, and a condition on tags would see a new key only after minutes.',
  },
  {
    sid: 'Aliases',
    actions: ['kms:CreateAlias', 'kms:DeleteAlias'],
    resources: [arns.of('kms', names.keyAlias('*')), arns.key('*')],
    wildcard: 'An alias is granted on both its name and its key, whose id is random.',
  },
  {
    sid: 'LeaveThePlatformsKeys',
    effect: Effect.DENY,
    actions: ['kms:*'],
    resources: platformKeyArns,
  },
  // Sandboxes have no such keys. What a key is for never changes, so that this holds for the App's from its first moment.
  {
    sid: 'LeaveKeysThatSign',
    effect: Effect.DENY,
    actions: ['kms:*'],
    resources: [arns.key('*')],
    conditions: { StringEquals: { 'kms:KeyUsage': 'SIGN_VERIFY' } },
  },
];

const scheduleGrants = ({ names, arns, schedulerRoleArn }: CloudFormationRoleProps): Grant[] => [
  {
    sid: 'Schedules',
    actions: [
      'scheduler:CreateSchedule',
      'scheduler:DeleteSchedule',
      'scheduler:GetSchedule',
      'scheduler:UpdateSchedule',
    ],
    resources: [arns.schedule(names.schedule('*')), arns.schedule(names.ttlSchedule('*'))],
    wildcard: 'Schedules of sandboxes, whose ids are not known yet.',
  },
  {
    sid: 'PassSchedulerRole',
    actions: ['iam:PassRole'],
    resources: [schedulerRoleArn],
    conditions: { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } },
  },
  {
    sid: 'FirstToken',
    actions: ['lambda:InvokeFunction'],
    resources: [arns.refresher],
  },
];
