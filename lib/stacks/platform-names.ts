import { CfnCondition, CfnParameter, Fn, type Stack } from 'aws-cdk-lib';
import { DEFAULT_PREFIX, PLATFORM_PREFIX, type ResourceNames, resourceNames } from '../broker/names.ts';

/**
 * Adds the template parameter `Prefix` to a stack, and answers every name as an expression of it.
 *
 * Whether the prefix is the default one decides where the sandboxes' parameters live, which only CloudFormation
 * can know: `Fn::If` chooses between `/sandbox` and `/PREFIX/sandbox`.
 */
export const platformNames = (stack: Stack, defaultPrefix: string = DEFAULT_PREFIX): ResourceNames => {
  const prefix = new CfnParameter(stack, 'Prefix', {
    type: 'String',
    default: defaultPrefix,
    allowedPattern: PLATFORM_PREFIX.source,
    description: 'Prefix of every name of the platform.',
  }).valueAsString;
  const isDefault = new CfnCondition(stack, 'IsDefaultPrefix', {
    expression: Fn.conditionEquals(prefix, DEFAULT_PREFIX),
  });
  const sandboxRoot = Fn.conditionIf(isDefault.logicalId, '/sandbox', `/${prefix}/sandbox`).toString();
  return resourceNames({ prefix, sandboxRoot });
};
