import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { KmError } from '../errors.ts';
import type { SandboxContext } from '../sandbox/context.ts';
import type { SetupPlatform } from './setup-recovery.ts';

/** Which platform the context speaks to. `endpoint` is AWS_ENDPOINT_URL, where it is set. Throws what the SDK throws. */
export async function setupPlatform(context: SandboxContext, endpoint?: string): Promise<SetupPlatform> {
  const { Account } = await context.client(STSClient).send(new GetCallerIdentityCommand({}));
  if (Account === undefined) throw new KmError('ErrAws', 'AWS does not say whose account this is.');
  return {
    account: Account,
    region: context.region,
    prefix: context.names.prefix,
    ...(endpoint ? { endpoint } : {}),
  };
}
