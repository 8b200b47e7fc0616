import { Aws, CfnOutput, Fn, type ICfnRuleConditionExpression } from 'aws-cdk-lib';
import {
  AccountRootPrincipal,
  CfnInstanceProfile,
  CfnRole,
  type IPrincipal,
  PolicyDocument,
  PolicyStatement,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { ResourceNames } from '../broker/names.ts';
import { policyOf } from './grants.ts';
import { throughParameterStore } from './key-policy.ts';
import type { PlatformArns } from './platform-arns.ts';
import type { SandboxConditions, SandboxParameters } from './sandbox-parameters.ts';

export interface SandboxRoleProps {
  readonly names: ResourceNames;
  readonly arns: PlatformArns;
  /** The key of its tokens: its own, or the shared one. */
  readonly keyArn: string;
  readonly parameters: SandboxParameters;
  readonly conditions: SandboxConditions;
}

/** Who the sandbox is: a role that reads its own tokens and nothing else, assumed by what its substrate runs. */
export class SandboxRole extends Construct {
  readonly role: CfnRole;

  constructor(scope: Construct, id: string, props: SandboxRoleProps) {
    super(scope, id);
    const { names, arns, keyArn, parameters, conditions } = props;
    const { sandboxId } = parameters;
    const tokens = arns.tokenParameters(sandboxId);
    this.role = new CfnRole(this, 'Role', {
      roleName: names.sandboxRole(sandboxId),
      description: `Sandbox ${sandboxId}`,
      assumeRolePolicyDocument: trust(props),
      permissionsBoundary: arns.policy(names.sandboxBoundary(Aws.REGION)),
      policies: [
        {
          policyName: 'ReadToken',
          policyDocument: policyOf(this, [
            {
              sid: 'ReadToken',
              actions: ['ssm:GetParameter'],
              resources: tokens,
              wildcard: 'One token for each further owner, whose names are not known yet.',
            },
            {
              sid: 'DecryptToken',
              actions: ['kms:Decrypt'],
              resources: [keyArn],
              conditions: throughParameterStore(tokens),
            },
          ]),
        },
      ],
      // By this tag the policy of the shared key tells whose tokens a role may decrypt.
      tags: [{ key: 'km:sandbox-id', value: sandboxId }],
    });
    this.role.overrideLogicalId('Role');
    new CfnOutput(this, 'Arn', { value: this.role.attrArn }).overrideLogicalId('RoleArn');

    const instanceProfile = new CfnInstanceProfile(this, 'InstanceProfile', {
      instanceProfileName: names.sandboxRole(sandboxId),
      roles: [this.role.ref],
    });
    instanceProfile.overrideLogicalId('InstanceProfile');
    instanceProfile.cfnOptions.condition = conditions.isEc2;
    const output = new CfnOutput(this, 'InstanceProfileName', {
      value: instanceProfile.ref,
      condition: conditions.isEc2,
    });
    output.overrideLogicalId('InstanceProfileName');
  }
}

/** One trust policy a substrate. Services that tell for whom they act are held to this account. */
const trust = ({ parameters, conditions }: SandboxRoleProps): ICfnRuleConditionExpression => {
  const docker = trustPolicy(new AccountRootPrincipal(), {
    // A role session's ARN does not tell the role's path, so the account is trusted and aws:PrincipalArn decides.
    conditions: { ArnLike: { 'aws:PrincipalArn': parameters.trustedPrincipalArns } },
  });
  const ecs = trustPolicy(new ServicePrincipal('ecs-tasks.amazonaws.com'), {
    conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
  });
  // EKS Pod Identity tags its sessions, and fails where it may not.
  const eks = trustPolicy(new ServicePrincipal('pods.eks.amazonaws.com'), { tagSession: true });
  const ec2 = trustPolicy(new ServicePrincipal('ec2.amazonaws.com'));
  return Fn.conditionIf(
    conditions.isDocker.logicalId,
    docker,
    Fn.conditionIf(conditions.isEcs.logicalId, ecs, Fn.conditionIf(conditions.isEks.logicalId, eks, ec2)),
  );
};

const trustPolicy = (
  principal: IPrincipal,
  options: {
    readonly conditions?: Record<string, Record<string, unknown>>;
    readonly tagSession?: boolean;
  } = {},
): PolicyDocument =>
  new PolicyDocument({
    statements: [
      new PolicyStatement({
        principals: [principal],
        actions: options.tagSession ? ['sts:AssumeRole', 'sts:TagSession'] : ['sts:AssumeRole'],
        ...(options.conditions === undefined ? {} : { conditions: options.conditions }),
      }),
    ],
  });
