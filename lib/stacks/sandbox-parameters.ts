import { CfnCondition, CfnOutput, CfnParameter, Fn, type Stack, Validations } from 'aws-cdk-lib';
import { SANDBOX_ID } from '../broker/names.ts';

/** How many chunks of at most 4,000 characters a refresh event may have: a parameter holds 4,096 bytes. */
export const REFRESH_EVENT_CHUNKS = 8;

export interface SandboxParameters {
  readonly sandboxId: string;
  readonly profileName: string;
  readonly trustedPrincipalArns: string[];
  /** The refresh event: its chunks, joined. */
  readonly refreshEvent: string;
  readonly refreshStart: string;
  readonly expiresAt: string;
  /** The platform's shared key, for a sandbox without one of its own. */
  readonly sharedKeyArn: string;
  /** `true` or `false`. */
  readonly paused: string;
}

/** The conditions of a sandbox's template. */
export interface SandboxConditions {
  /** There is a refresh event: the sandbox has GitHub. */
  readonly hasGitHub: CfnCondition;
  /** It also lives long enough to need a refresh. */
  readonly hasRefresh: CfnCondition;
  readonly hasTtl: CfnCondition;
  /** `Encryption` is `per-sandbox`. */
  readonly hasOwnKey: CfnCondition;
  readonly isPaused: CfnCondition;
  readonly isDocker: CfnCondition;
  readonly isEcs: CfnCondition;
  readonly isEks: CfnCondition;
  readonly isEc2: CfnCondition;
}

/**
 * Adds what `km create` fills in, beside `Prefix`, and the conditions that follow from it.
 *
 * Everything is checked by pattern here too, since the template is what an operator's CloudFormation call reaches.
 */
export const sandboxParameters = (
  stack: Stack,
): { readonly parameters: SandboxParameters; readonly conditions: SandboxConditions } => {
  const text = (id: string, description: string, props: { default?: string; allowedPattern?: string } = {}) =>
    new CfnParameter(stack, id, { type: 'String', description, ...props }).valueAsString;

  const sandboxId = text('SandboxId', 'Id of the sandbox.', { allowedPattern: SANDBOX_ID.source });
  const profileName = text('ProfileName', 'Name of the profile it was made from.', {
    allowedPattern: '^[A-Za-z0-9._-]{1,63}$',
  });
  const substrate = new CfnParameter(stack, 'Substrate', {
    type: 'String',
    allowedValues: ['docker', 'ec2', 'ecs', 'eks'],
    description: 'What the sandbox runs on, which decides who may assume its role.',
  }).valueAsString;
  const trustedPrincipalArns = new CfnParameter(stack, 'TrustedPrincipalArns', {
    type: 'CommaDelimitedList',
    default: '',
    description: 'docker only: patterns of the principals of this account that may assume the role.',
  }).valueAsList;
  const chunks = Array.from({ length: REFRESH_EVENT_CHUNKS }, (_, index) =>
    text(`RefreshEvent${index + 1}`, `Refresh event as JSON, part ${index + 1}.`, { default: '' }),
  );
  text('GuardPolicy', 'Ref guard policy as JSON, kept for `km describe` and `km exec`.', { default: '' });
  text('EgressPolicy', 'What the egress proxy lets through beside it, as JSON, kept for `km proxy`.', {
    default: '{}',
  });
  Validations.of(stack).acknowledge({
    id: 'CloudFormation-Validate::W2001',
    reason: 'GuardPolicy and EgressPolicy are only kept: describe, exec and proxy read them back.',
  });
  const updatedAt = text(
    'UpdatedAt',
    'When a profile last changed it, as 2026-11-20T10:00:00Z; empty: never.',
    {
      default: '',
      allowedPattern: '^(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ)?$',
    },
  );
  // GuardPolicy and EgressPolicy are in no resource. Without this, CloudFormation would take a change of them for none.
  const hasUpdate = new CfnCondition(stack, 'HasUpdate', {
    expression: Fn.conditionNot(Fn.conditionEquals(updatedAt, '')),
  });
  new CfnOutput(stack, 'UpdatedAtOutput', { value: updatedAt, condition: hasUpdate }).overrideLogicalId(
    'Updated',
  );
  const refreshStart = text('RefreshStart', 'First refresh, as 2026-11-20T10:00:00Z; empty: none.', {
    default: '',
    allowedPattern: '^(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ)?$',
  });
  const expiresAt = text('ExpiresAt', 'End of the sandbox in UTC, as 2026-11-20T10:00:00; empty: never.', {
    default: '',
    allowedPattern: '^(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d)?$',
  });
  const oneOf = (id: string, description: string, allowedValues: [byDefault: string, other: string]) =>
    new CfnParameter(stack, id, { type: 'String', description, allowedValues, default: allowedValues[0] })
      .valueAsString;
  const encryption = oneOf(
    'Encryption',
    'Whose key encrypts its tokens: its own, or the platform shared one.',
    ['per-sandbox', 'shared'],
  );
  const sharedKeyArn = text('SharedKeyArn', 'Encryption shared only: ARN of the key of the platform.', {
    default: '',
    allowedPattern: '^(arn:aws[a-z-]*:kms:[a-z0-9-]+:\\d{12}:key/[A-Za-z0-9-]+)?$',
  });
  const paused = oneOf('Paused', 'Whether it has no token, and gets none until it is resumed.', [
    'false',
    'true',
  ]);

  const filled = (id: string, value: string) =>
    new CfnCondition(stack, id, { expression: Fn.conditionNot(Fn.conditionEquals(value, '')) });
  const is = (id: string, value: string, wanted: string) =>
    new CfnCondition(stack, id, { expression: Fn.conditionEquals(value, wanted) });
  const hasGitHub = filled('HasGitHub', chunks[0] ?? '');
  return {
    parameters: {
      sandboxId,
      profileName,
      trustedPrincipalArns,
      refreshEvent: Fn.join('', chunks),
      refreshStart,
      expiresAt,
      sharedKeyArn,
      paused,
    },
    conditions: {
      hasGitHub,
      hasRefresh: new CfnCondition(stack, 'HasRefresh', {
        expression: Fn.conditionAnd(hasGitHub, Fn.conditionNot(Fn.conditionEquals(refreshStart, ''))),
      }),
      hasTtl: filled('HasTtl', expiresAt),
      hasOwnKey: is('HasOwnKey', encryption, 'per-sandbox'),
      isPaused: is('IsPaused', paused, 'true'),
      isDocker: is('IsDocker', substrate, 'docker'),
      isEcs: is('IsEcs', substrate, 'ecs'),
      isEks: is('IsEks', substrate, 'eks'),
      isEc2: is('IsEc2', substrate, 'ec2'),
    },
  };
};
