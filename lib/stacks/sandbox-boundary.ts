import { Aws } from 'aws-cdk-lib';
import { ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { ResourceNames } from '../broker/names.ts';
import { policyOf } from './grants.ts';
import { throughParameterStore } from './key-policy.ts';
import type { PlatformArns } from './platform-arns.ts';

export interface SandboxBoundaryProps {
  readonly names: ResourceNames;
  readonly arns: PlatformArns;
}

/**
 * The most that any sandbox's role can ever do, whatever its own policy says: read tokens.
 *
 * Whoever may pass the CloudFormation role may hand it any template; see docs/decisions/permissions-boundary.md.
 */
export class SandboxBoundary extends Construct {
  readonly policyArn: string;

  constructor(scope: Construct, id: string, { names, arns }: SandboxBoundaryProps) {
    super(scope, id);
    const policy = new ManagedPolicy(this, 'Policy', {
      managedPolicyName: names.sandboxBoundary(Aws.REGION),
      description: "Permissions boundary of every sandbox's role: read tokens, and nothing else.",
      document: policyOf(this, [
        {
          sid: 'ReadToken',
          actions: ['ssm:GetParameter'],
          resources: arns.tokenParameters('*'),
          wildcard: "A bound over all sandboxes; each role's own policy names its own.",
        },
        {
          sid: 'DecryptToken',
          actions: ['kms:Decrypt'],
          resources: [arns.key('*')],
          wildcard:
            "A bound over all sandboxes; a key's policy names its own role, or binds each to its own tokens.",
          conditions: throughParameterStore(arns.tokenParameters('*')),
        },
      ]),
    });
    this.policyArn = policy.managedPolicyArn;
  }
}
