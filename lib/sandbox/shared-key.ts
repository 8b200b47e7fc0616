import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { KmError } from '../errors.ts';
import type { SandboxContext } from './context.ts';

/**
 * The ARN of the platform's shared key, which the stack of a sandbox with shared encryption is told: a policy can name
 * no alias. See docs/decisions/shared-encryption.md.
 *
 * Throws `ErrPlatformMissing` where there is none.
 */
export async function findSharedKey(context: SandboxContext): Promise<string> {
  const { sharedKeyAlias } = context.names;
  const { KeyMetadata } = await context
    .client(KMSClient)
    .send(new DescribeKeyCommand({ KeyId: sharedKeyAlias }))
    .catch((error: unknown) => {
      if (error instanceof Error && error.name === 'NotFoundException') return { KeyMetadata: undefined };
      throw error;
    });
  if (KeyMetadata?.Arn !== undefined) return KeyMetadata.Arn;
  throw new KmError(
    'ErrPlatformMissing',
    `No key ${sharedKeyAlias} in ${context.region}: the platform has no shared encryption yet.`,
    { remedy: 'km bootstrap' },
  );
}
