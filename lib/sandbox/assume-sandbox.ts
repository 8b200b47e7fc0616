import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { KmError } from '../errors.ts';
import type { SandboxContext } from './context.ts';

/** Who else may assume the role, by substrate. */
const ASSUMED_BY = {
  ec2: 'the EC2 instance that carries its instance profile',
  ecs: 'the ECS task that names it as task role',
  eks: 'the pod whose service account is associated with it',
} as const;

export interface AssumableSandbox {
  readonly id: string;
  readonly substrate: 'docker' | 'ec2' | 'ecs' | 'eks';
  readonly roleArn?: string;
}

export interface RoleCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

/**
 * Credentials of the sandbox's role, for an hour.
 *
 * Throws `ErrSandboxNotAssumable` when its substrate gives the role to an instance, task or pod, when its stack
 * does not name its own role, or when the caller is not who created it. {@link https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html}
 */
export async function assumeSandbox(
  context: SandboxContext,
  sandbox: AssumableSandbox,
): Promise<RoleCredentials> {
  if (sandbox.substrate !== 'docker') {
    throw new KmError(
      'ErrSandboxNotAssumable',
      `The role of sandbox ${sandbox.id} (substrate ${sandbox.substrate}) can be assumed only by ${ASSUMED_BY[sandbox.substrate]}.`,
      { remedy: `Run the command there; \`km install-script ${sandbox.id}\` sets git up.` },
    );
  }
  if (sandbox.roleArn === undefined) {
    throw new KmError(
      'ErrSandboxNotAssumable',
      `The stack of sandbox ${sandbox.id} names no role of its own.`,
      { remedy: `Look at it: km describe ${sandbox.id}` },
    );
  }
  const { Credentials } = await context
    .client(STSClient)
    .send(
      new AssumeRoleCommand({
        RoleArn: sandbox.roleArn,
        RoleSessionName: `km-${sandbox.id}`,
        DurationSeconds: 3600,
      }),
    )
    .catch((error: unknown) => {
      if (error instanceof Error && error.name === 'AccessDenied') {
        throw new KmError(
          'ErrSandboxNotAssumable',
          `You may not run as sandbox ${sandbox.id}: ${error.message}`,
          {
            remedy: 'Only the principal who created a docker sandbox can; `km describe` names it.',
            cause: error,
          },
        );
      }
      throw error;
    });
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials ?? {};
  if (!AccessKeyId || !SecretAccessKey || !SessionToken || !Expiration) {
    throw new KmError('ErrAws', `STS answered without credentials for sandbox ${sandbox.id}.`);
  }
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
    expiration: Expiration,
  };
}
