import {
  DeleteParametersCommand,
  PutParameterCommand,
  type PutParameterCommandInput,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { KmError } from '../errors.ts';
import type { SandboxContext } from '../sandbox/context.ts';
import { platformMissing } from '../sandbox/invoke-refresher.ts';
import type { Secret } from '../secret.ts';

/** The remedy for whoever may not do this. */
export const FOR_ADMINISTRATORS =
  'Run it as an administrator of the account; docs/github-app.md lists what it needs. Run again, it goes on from there.';

const MOST_NAMES_IN_A_CALL = 10;
const MOST_BYTES = 4096;

/**
 * Stores a private key under a name, encrypted for the refresher alone. IAM: `ssm:PutParameter`, `kms:Encrypt`.
 *
 * @throws {KmError} `ErrAppConfigWriteFailed`, never with the key in it; `ErrPlatformMissing` without the platform's key.
 */
export async function putKey(context: SandboxContext, name: string, key: Secret): Promise<void> {
  const Value = key.reveal();
  if (Buffer.byteLength(Value) > MOST_BYTES) {
    throw writeFailed(name, `it takes more than the ${MOST_BYTES} bytes that a standard parameter holds`);
  }
  await put(context, { Name: name, Value, Type: 'SecureString', KeyId: context.names.configKeyAlias });
}

/** Stores a text. IAM: `ssm:PutParameter`. Throws `ErrAppConfigWriteFailed`. */
export const putText = (context: SandboxContext, name: string, value: string): Promise<void> =>
  put(context, { Name: name, Value: value, Type: 'String' });

/** Removes parameters, whether they are there or not. IAM: `ssm:DeleteParameters`. */
export async function removeParameters(
  context: SandboxContext,
  parameters: readonly string[],
): Promise<void> {
  for (let start = 0; start < parameters.length; start += MOST_NAMES_IN_A_CALL) {
    const Names = parameters.slice(start, start + MOST_NAMES_IN_A_CALL);
    await context.client(SSMClient).send(new DeleteParametersCommand({ Names }));
  }
}

/** Parameter Store's validation errors quote the value, so that neither message nor cause is passed on. */
async function put(context: SandboxContext, input: PutParameterCommandInput): Promise<void> {
  await context
    .client(SSMClient)
    .send(new PutParameterCommand({ Tier: 'Standard', Overwrite: true, ...input }))
    .catch((error: unknown) => {
      const reason = error instanceof Error ? error.name : 'UnknownError';
      if (reason === 'InvalidKeyId') throw platformMissing(context);
      throw writeFailed(input.Name ?? '', reason);
    });
}

const writeFailed = (name: string, reason: string): KmError =>
  new KmError('ErrAppConfigWriteFailed', `${name} could not be written: ${reason}`, {
    remedy: /AccessDenied/.test(reason)
      ? FOR_ADMINISTRATORS
      : 'Run the same command again: what is stored by now is kept, and it goes on from there.',
  });
