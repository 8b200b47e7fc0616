import type {
  DescribeStacksCommandOutput,
  Stack,
  UpdateStackCommandInput,
} from '@aws-sdk/client-cloudformation';
import { KmError } from '../errors.ts';
import type { Broker } from './broker.ts';
import type { Reconfiguration } from './reconfigure-event.ts';

/** The two calls of CloudFormation that reconfiguring needs. */
export interface StackCalls {
  readonly describeStacks: (input: { readonly StackName: string }) => Promise<DescribeStacksCommandOutput>;
  readonly updateStack: (input: UpdateStackCommandInput) => Promise<unknown>;
}

export interface Reconfigured {
  readonly sandbox_id: string;
  readonly stack_id: string;
  /** False: the stack is so already. True: CloudFormation has begun, and its events tell how it ends. */
  readonly changed: boolean;
}

const UPDATABLE = /^(?:CREATE|UPDATE|UPDATE_ROLLBACK|IMPORT|IMPORT_ROLLBACK)_COMPLETE$/;

/** What a stack of an earlier km is, whose template does not know the parameter. */
const BEFORE_IT_WAS: Readonly<Record<string, string>> = { Paused: 'false', EgressPolicy: '{}' };

/** By this one CloudFormation sees a change that no resource tells of; a template without it may see it all the same. */
const MAKES_VISIBLE = 'UpdatedAt';

const saidBy = (error: unknown): string => (error instanceof Error ? `${error.name}: ${error.message}` : '');

const awsFailed = (call: string, error: unknown): KmError =>
  new KmError('ErrAws', `${call} failed: ${saidBy(error) || 'UnknownError'}`, { cause: error });

const notFound = (id: string): KmError =>
  new KmError('ErrSandboxNotFound', `No sandbox ${id}: it has no stack.`, { remedy: 'km list' });

const busy = (id: string, status: string): KmError =>
  new KmError('ErrSandboxBusy', `Sandbox ${id} is being changed: its stack is ${status}.`, {
    remedy: 'Try again when that is over: km list shows it.',
  });

const unchangeable = (id: string, what: string): KmError =>
  new KmError('ErrSandboxUnchangeable', `Sandbox ${id} cannot be changed so: ${what}.`, {
    remedy: 'Create a new sandbox; only that can be of another kind.',
  });

const parametersOf = ({ Parameters = [] }: Stack): ReadonlyMap<string, string> =>
  new Map(Parameters.map(({ ParameterKey = '', ParameterValue = '' }) => [ParameterKey, ParameterValue]));

const stackOf = async ({ names }: Broker, id: string, calls: StackCalls): Promise<Stack> => {
  const { Stacks = [] } = await calls
    .describeStacks({ StackName: names.stackName(id) })
    .catch((error: unknown) => {
      if (/does not exist/.test(saidBy(error))) throw notFound(id);
      throw awsFailed('DescribeStacks', error);
    });
  const [stack] = Stacks;
  const status = stack?.StackStatus ?? '';
  if (stack === undefined || /^DELETE_COMPLETE$/.test(status)) throw notFound(id);
  if (/_IN_PROGRESS$/.test(status)) throw busy(id, status);
  if (!UPDATABLE.test(status)) {
    throw new KmError('ErrSandboxFailed', `Sandbox ${id} cannot be changed: its stack is ${status}.`, {
      remedy: `km destroy ${id}`,
    });
  }
  return stack;
};

/** A second later than it is, where two changes come within one. */
const visible = (given: string, present = ''): string =>
  given > present ? given : `${new Date(Date.parse(present) + 1_000).toISOString().slice(0, 19)}Z`;

/** Every parameter of the stack: changed, or named by its presence only, so that it stays what it is. */
const newParameters = (stack: Stack, { sandboxId, parameters, event }: Reconfiguration) => {
  const present = parametersOf(stack);
  if (present.get('SandboxId') !== sandboxId) {
    throw new KmError('ErrSandboxFailed', `The stack of sandbox ${sandboxId} was not made by km create.`, {
      remedy: `km destroy ${sandboxId}`,
    });
  }
  const encryption = present.get('Encryption') ?? 'per-sandbox';
  if (event !== undefined && (event.encryption ?? 'per-sandbox') !== encryption)
    throw unchangeable(sandboxId, `its encryption is ${encryption}`);
  for (const [name, value] of Object.entries(parameters)) {
    if (!present.has(name) && value !== BEFORE_IT_WAS[name] && name !== MAKES_VISIBLE)
      throw unchangeable(sandboxId, `it is of an earlier km, which knew no ${name}`);
  }
  return [...present.keys()].map((ParameterKey) => {
    const value = parameters[ParameterKey];
    if (value === undefined) return { ParameterKey, UsePreviousValue: true };
    const ParameterValue = ParameterKey === MAKES_VISIBLE ? visible(value, present.get(ParameterKey)) : value;
    return { ParameterKey, ParameterValue };
  });
};

/** Nothing to update: the stack is so already, or no resource of its template would change, and then neither do its parameters. */
const checkUnchanged = (stack: Stack, { sandboxId, parameters }: Reconfiguration): void => {
  const present = parametersOf(stack);
  for (const [name, value] of Object.entries(parameters)) {
    if (present.has(name) && present.get(name) !== value)
      throw unchangeable(sandboxId, `its stack is of an earlier km, in which ${name} alone changes nothing`);
  }
};

/** As which CloudFormation changes sandboxes. The stack's id is CloudFormation's word for partition, region and account. */
const serviceRole = ({ names }: Broker, stackId: string): string => {
  const [, partition, , region = '', account] = stackId.split(':');
  return `arn:${partition}:iam::${account}:role/${names.cloudFormationRole(region)}`;
};

const tokenOf = ({ world }: Broker, id: string): string =>
  `reconfigure-${id}-${Math.floor(world.random() * 2 ** 48).toString(16)}`;

/**
 * Changes parameters of a sandbox's stack, and nothing else about it: its template stays, and with it the key and the
 * role. This is why operators need no `cloudformation:UpdateStack`, by which any template could be brought in:
 * docs/decisions/updates-by-the-refresher.md. Returns when CloudFormation has begun.
 *
 * IAM: `cloudformation:DescribeStacks` and `UpdateStack` on stacks of sandboxes; `iam:PassRole` on the service role.
 *
 * @throws {KmError} `ErrSandboxNotFound`; `ErrSandboxBusy` while the stack is in the middle of something;
 * `ErrSandboxFailed`; `ErrSandboxUnchangeable` for another encryption, or what the stack's template does not know; `ErrAws`.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_UpdateStack.html
 */
export const reconfigure = async (
  broker: Broker,
  reconfiguration: Reconfiguration,
  calls: StackCalls,
): Promise<Reconfigured> => {
  const { sandboxId } = reconfiguration;
  const stack = await stackOf(broker, sandboxId, calls);
  const { StackId = '' } = stack;
  const changed = await calls
    .updateStack({
      StackName: StackId,
      UsePreviousTemplate: true,
      Parameters: newParameters(stack, reconfiguration),
      Capabilities: ['CAPABILITY_NAMED_IAM'],
      RoleARN: serviceRole(broker, StackId),
      // Express mode takes nothing back unless it is told to: docs/decisions/express-mode.md.
      DeploymentConfig: { Mode: 'EXPRESS', DisableRollback: false },
      // A request that the client repeats is the same change.
      ClientRequestToken: tokenOf(broker, sandboxId),
    })
    .then(
      () => true,
      (error: unknown) => {
        const said = saidBy(error);
        if (/No updates are to be performed/.test(said)) {
          checkUnchanged(stack, reconfiguration);
          return false;
        }
        const [, status] = /\bis in (\w+_IN_PROGRESS) state/.exec(said) ?? [];
        throw status === undefined ? awsFailed('UpdateStack', error) : busy(sandboxId, status);
      },
    );
  return { sandbox_id: sandboxId, stack_id: StackId, changed };
};
