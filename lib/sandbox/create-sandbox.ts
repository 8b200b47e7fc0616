import { CloudFormationClient, CreateStackCommand, type StackEvent } from '@aws-sdk/client-cloudformation';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { RefreshEvent } from '../broker/refresh-event.ts';
import { KmError } from '../errors.ts';
import type { GuardPolicy } from '../guard/guard-policy.ts';
import type { SandboxPlan } from '../profile/compile-profile.ts';
import type { EgressPolicy } from '../profile/egress-policy.ts';
import { awaitToken } from './await-token.ts';
import type { SandboxContext } from './context.ts';
import { deleteSandboxStack } from './destroy-sandbox.ts';
import { checkSandboxId } from './find-sandbox.ts';
import { checkTimeToLive, endOf, firstRefresh } from './refresh-times.ts';
import { sandboxTags } from './sandbox-record.ts';
import { findSharedKey } from './shared-key.ts';
import { toStackParameters } from './stack-parameters.ts';
import type { TokenMetadata } from './token-metadata.ts';
import { trustedPrincipals } from './trusted-principals.ts';
import { watchStack } from './watch-stack.ts';

export interface CreateOptions {
  readonly plan: SandboxPlan;
  readonly id: string;
  /** Seconds; 0: until destroyed. */
  readonly ttlSeconds: number;
  /** The SandboxStack's template, as JSON. */
  readonly templateBody: string;
  readonly mode: 'EXPRESS' | 'STANDARD';
  readonly onEvent?: (event: StackEvent) => void;
  /** Says what is being waited for beside the stack. */
  readonly onStep?: (step: string) => void;
  /** Aborts the creation: everything made so far is taken back. */
  readonly signal?: AbortSignal;
}

export interface CreatedSandbox {
  readonly id: string;
  readonly stackId: string;
  readonly tokens: readonly TokenMetadata[];
  /** Milliseconds since the epoch; absent: until destroyed. */
  readonly expiresAt?: number;
}

/** A new sandbox id: the prefix and 8 random hex digits. */
export function newSandboxId(context: SandboxContext, prefix: string): string {
  return `${prefix}-${Buffer.from(context.randomBytes(4)).toString('hex')}`;
}

/** The refresh event of a plan's sandbox; `undefined` for a plan without GitHub. */
export function refreshEventOf(plan: SandboxPlan, id: string): RefreshEvent | undefined {
  if (!plan.github) return undefined;
  return {
    sandbox_id: id,
    allowed_repos: plan.github.allowedRepos,
    permissions: plan.github.permissions,
    ...(plan.encryption === 'shared' ? { encryption: 'shared' } : {}),
  };
}

/** The guard policy of a plan's sandbox. */
export const guardOf = (plan: SandboxPlan): GuardPolicy =>
  plan.github?.guard ?? { allowForcePushes: false, allowDeletions: false };

/** What the egress proxy of a plan's sandbox lets through beside its repos. */
export const egressOf = ({ allowedHosts, github }: SandboxPlan): EgressPolicy => ({
  allowedHosts,
  graphql: github?.graphql ?? 'none',
});

/**
 * Creates a sandbox's stack and waits until its token can be read. When that fails or is interrupted, the stack is
 * taken back and nothing is left but its key, which AWS keeps for 7 days.
 *
 * Throws `ErrSandboxExists`, `ErrSandboxFailed` with CloudFormation's reasons, or what {@link awaitToken} throws.
 * {@link https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html}
 */
export async function createSandbox(
  context: SandboxContext,
  options: CreateOptions,
): Promise<CreatedSandbox> {
  const { id, plan } = options;
  checkSandboxId(id);
  checkTimeToLive(options.ttlSeconds);
  const sharedKeyArn = plan.encryption === 'shared' ? await findSharedKey(context) : undefined;
  const { Account = '', Arn = '' } = await context.client(STSClient).send(new GetCallerIdentityCommand({}));
  const now = await context.now();
  const expiresAt = endOf(options.ttlSeconds, now);
  const event = refreshEventOf(plan, id);
  const { StackId: stackId = '' } = await context
    .client(CloudFormationClient)
    .send(
      new CreateStackCommand({
        StackName: context.names.stackName(id),
        TemplateBody: options.templateBody,
        Parameters: toStackParameters({
          prefix: context.names.prefix,
          id,
          profileName: plan.name,
          substrate: plan.substrate,
          trustedPrincipalArns: plan.substrate === 'docker' ? trustedPrincipals(Arn) : [],
          ...(event ? { event } : {}),
          guard: guardOf(plan),
          egress: egressOf(plan),
          encryption: plan.encryption,
          ...(sharedKeyArn === undefined ? {} : { sharedKeyArn }),
          paused: false,
          ...firstRefresh({ id, now, ...expiresAt }),
          ...expiresAt,
        }),
        Tags: sandboxTags({ id, profile: plan.name, createdBy: Arn, labels: plan.labels }),
        Capabilities: ['CAPABILITY_NAMED_IAM'],
        RoleARN: `${partition(Arn)}:iam::${Account}:role/${context.names.cloudFormationRole(context.region)}`,
        // Express mode would leave a failed stack as it is; ours is rolled back, then deleted below.
        // See docs/decisions/express-mode.md.
        DeploymentConfig: { Mode: options.mode, DisableRollback: false },
        // A retried request is the same creation; another km create of this id is not.
        ClientRequestToken: `create-${id}-${Buffer.from(context.randomBytes(8)).toString('hex')}`,
      }),
    )
    .catch((error: unknown) => {
      if (error instanceof Error && error.name === 'AlreadyExistsException') {
        throw sandboxExists(id);
      }
      throw error;
    });
  return settle(context, options, { id, stackId, ...expiresAt }, event);
}

const partition = (arn: string): string => arn.split(':', 2).join(':');

/** Waits for the stack and its token; whatever goes wrong takes the stack back. */
async function settle(
  context: SandboxContext,
  options: CreateOptions,
  created: Omit<CreatedSandbox, 'tokens'>,
  event: RefreshEvent | undefined,
): Promise<CreatedSandbox> {
  const { id, signal } = options;
  try {
    const { onEvent } = options;
    const end = await watchStack(context, {
      operation: 'create',
      stackId: created.stackId,
      onEvent,
      signal,
    });
    if (end !== undefined && end.status !== 'CREATE_COMPLETE') {
      throw new KmError(
        'ErrSandboxFailed',
        `Sandbox ${id} could not be created: ${end.failures.join('; ')}`,
        {
          remedy: 'Mend the reason above and run the command again; nothing was left behind.',
        },
      );
    }
    if (event !== undefined) options.onStep?.('reading the token as the sandbox');
    const { substrate } = options.plan;
    const tokens = event === undefined ? [] : await awaitToken(context, { id, event, substrate, signal });
    if (signal?.aborted) throw new KmError('ErrSandboxFailed', `Interrupted: sandbox ${id} was taken back.`);
    return { ...created, tokens };
  } catch (error) {
    options.onStep?.('taking everything back');
    await deleteSandboxStack(context, {
      id,
      stackId: created.stackId,
      mode: options.mode,
      ...(options.onEvent ? { onEvent: options.onEvent } : {}),
    });
    throw error;
  }
}

/** The error for an id that is taken. */
export const sandboxExists = (id: string): KmError =>
  new KmError('ErrSandboxExists', `Sandbox ${id} exists already.`, { remedy: `km describe ${id}` });
