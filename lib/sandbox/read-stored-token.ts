import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { KmError } from '../errors.ts';
import { Secret } from '../secret.ts';
import type { AssumableSandbox, RoleCredentials } from './assume-sandbox.ts';
import type { SandboxContext } from './context.ts';
import { renewedCredentials } from './renewed-credentials.ts';
import type { StoredToken } from './token-source.ts';

type ReadStoredToken = (parameter: string, version?: number) => Promise<StoredToken>;

/**
 * Reads a token's parameter, or one version of it.
 *
 * Rejects with `ErrTokenUnreadable`. {@link https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html}
 */
export async function readStoredToken(
  client: SSMClient,
  parameter: string,
  version?: number,
): Promise<StoredToken> {
  const Name = version === undefined ? parameter : `${parameter}:${version}`;
  try {
    const { Parameter } = await client.send(new GetParameterCommand({ Name, WithDecryption: true }));
    const { Value, LastModifiedDate, Version = 0 } = Parameter ?? {};
    if (!Value || !LastModifiedDate) throw new TypeError('no value');
    return { token: new Secret(Value), storedAt: LastModifiedDate.getTime(), version: Version };
  } catch (cause) {
    const why = cause instanceof Error ? cause.name : String(cause);
    throw new KmError('ErrTokenUnreadable', `The token at ${Name} cannot be read: ${why}`, {
      remedy: 'km doctor',
      cause,
    });
  }
}

/** Reads tokens as a sandbox itself, with its role. Throws what {@link renewedCredentials} throws. */
export async function readTokensAs(
  context: SandboxContext,
  sandbox: AssumableSandbox,
): Promise<ReadStoredToken> {
  const credentials = await renewedCredentials(context, sandbox);
  let made: { readonly from: RoleCredentials; readonly client: SSMClient } | undefined;
  // A client for each set of credentials: the SDK would keep to this machine's clock, and the local cloud has its own.
  const current = async (): Promise<SSMClient> => {
    const from = await credentials();
    if (made?.from !== from) {
      made?.client.destroy();
      made = { from, client: new SSMClient({ region: context.region, maxAttempts: 3, credentials: from }) };
    }
    return made.client;
  };
  return async (parameter, version) => readStoredToken(await current(), parameter, version);
}
