import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { tokenParameters } from '../broker/owner-scopes.ts';
import type { RefreshEvent } from '../broker/refresh-event.ts';
import { KmError } from '../errors.ts';
import { Secret } from '../secret.ts';
import { type AssumableSandbox, assumeSandbox } from './assume-sandbox.ts';
import type { SandboxContext } from './context.ts';

/**
 * Reads a sandbox's current token as the sandbox itself does: with its role, since nobody else can decrypt it.
 *
 * Throws `ErrUsage` for an owner that the profile does not name, `ErrTokenUnreadable` when there is none.
 */
export async function readToken(
  context: SandboxContext,
  sandbox: AssumableSandbox & { readonly event?: RefreshEvent },
  owner?: string,
): Promise<Secret> {
  if (!sandbox.event) {
    throw new KmError('ErrTokenUnreadable', `Sandbox ${sandbox.id} has no GitHub access, and so no token.`);
  }
  const parameters = tokenParameters(context.names, sandbox.event);
  const name = owner === undefined ? [...parameters.values()][0] : parameters.get(owner.toLowerCase());
  if (name === undefined) {
    throw new KmError('ErrUsage', `Sandbox ${sandbox.id} has no token for '${owner}'.`, {
      remedy: `Its owners: ${[...parameters.keys()].join(', ')}`,
    });
  }
  const ssm = await asSandbox(context, sandbox);
  try {
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: name, WithDecryption: true }));
    return new Secret(Parameter?.Value ?? '');
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new KmError(
      'ErrTokenUnreadable',
      `The token of sandbox ${sandbox.id} cannot be read: ${error.name}`,
      {
        remedy: `km refresh ${sandbox.id}`,
        cause: error,
      },
    );
  } finally {
    ssm.destroy();
  }
}

async function asSandbox(context: SandboxContext, sandbox: AssumableSandbox): Promise<SSMClient> {
  const credentials = await assumeSandbox(context, sandbox);
  return new SSMClient({ region: context.region, maxAttempts: 3, credentials });
}
