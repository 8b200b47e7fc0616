import { Stack, Validations } from 'aws-cdk-lib';
import { Effect, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { flattenCfnReference } from 'cdk-nag/lib/utils/flatten-cfn-reference.js';
import type { Construct } from 'constructs';

/** One statement of an identity policy. */
export interface Grant {
  readonly sid: string;
  /** Default: allow. */
  readonly effect?: Effect;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly conditions?: Readonly<Record<string, unknown>>;
  /** Why its resources hold a wildcard. Without a reason, cdk-nag refuses the wildcard. */
  readonly wildcard?: string;
}

/**
 * The policy document of these grants, in which each wildcard of a resource is acknowledged to cdk-nag on `scope`
 * with the reason that its grant states.
 */
export const policyOf = (scope: Construct, grants: readonly Grant[]): PolicyDocument => {
  for (const { resources, wildcard } of grants) {
    if (wildcard === undefined) continue;
    const findings = Stack.of(scope).resolve(resources).map(flattenCfnReference) as string[];
    for (const finding of findings.filter((resource) => resource.includes('*'))) {
      Validations.of(scope).acknowledge({
        id: `AwsSolutions-IAM5[Resource::${finding}]`,
        reason: wildcard,
      });
    }
  }
  return new PolicyDocument({
    statements: grants.map(
      ({ sid, effect, actions, resources, conditions }) =>
        new PolicyStatement({
          sid,
          effect: effect ?? Effect.ALLOW,
          actions: [...actions],
          resources: [...resources],
          ...(conditions === undefined ? {} : { conditions }),
        }),
    ),
  });
};
