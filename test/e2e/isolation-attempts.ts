import {
  DecryptCommand,
  DescribeKeyCommand,
  KMSClient,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import {
  DeleteParameterCommand,
  GetParameterCommand,
  GetParameterHistoryCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';

export const ACCOUNT = '000000000000';
export const REGION = 'us-east-1';
/** What every refusal says. */
export const DENIED = /AccessDenied|AccessDeniedException|not authorized/;

/** What `km describe` tells of a sandbox. */
export interface Described {
  readonly id: string;
  readonly roleArn: string;
  readonly keyArn: string;
}

/** How a client of the local cloud is made, as someone. */
export type Config = ReturnType<typeof configOf>;

export const configOf = (
  endpoint: string,
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string },
) => ({
  endpoint,
  region: REGION,
  maxAttempts: 1,
  credentials,
});

/** A role's session, as a client's configuration. */
export async function assume(caller: Config, RoleArn: string): Promise<Config> {
  const { Credentials } = await new STSClient(caller).send(
    new AssumeRoleCommand({ RoleArn, RoleSessionName: 'attacker' }),
  );
  return configOf(caller.endpoint, {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  });
}

/** The parameter of a sandbox's first token. */
export const tokenOf = ({ id }: Pick<Described, 'id'>) => `/sandbox/${id}/github-token`;

export type Attempt = readonly [what: string, attempt: () => Promise<unknown>];

/**
 * Everything that code with one sandbox's credentials may try on another sandbox and on the platform. What they work on
 * is asked for when an attempt is made.
 */
export const attempts = ({
  config,
  own,
  victim,
}: {
  readonly config: () => Config;
  readonly own: () => Described;
  readonly victim: () => Described;
}): readonly Attempt[] => {
  const ssm = () => new SSMClient(config());
  const kms = () => new KMSClient(config());
  const other = () => ({ Name: tokenOf(victim()) });
  return [
    [
      "read another sandbox's token",
      () => ssm().send(new GetParameterCommand({ ...other(), WithDecryption: true })),
    ],
    [
      "read another sandbox's ciphertext",
      () => ssm().send(new GetParameterCommand({ ...other(), WithDecryption: false })),
    ],
    [
      "read another's token among its own",
      () =>
        ssm().send(
          new GetParametersCommand({ Names: [tokenOf(own()), tokenOf(victim())], WithDecryption: true }),
        ),
    ],
    [
      'read everything below /sandbox',
      () =>
        ssm().send(
          new GetParametersByPathCommand({ Path: '/sandbox', Recursive: true, WithDecryption: true }),
        ),
    ],
    [
      "read another's history",
      () => ssm().send(new GetParameterHistoryCommand({ ...other(), WithDecryption: true })),
    ],
    [
      "overwrite another's token",
      () =>
        ssm().send(
          new PutParameterCommand({ ...other(), Value: 'x', Type: 'SecureString', Overwrite: true }),
        ),
    ],
    ["delete another's token", () => ssm().send(new DeleteParameterCommand(other()))],
    [
      "read the App's private key",
      () =>
        ssm().send(new GetParameterCommand({ Name: '/km/config/github/private-key', WithDecryption: true })),
    ],
    [
      "read the App's client id",
      () => ssm().send(new GetParameterCommand({ Name: '/km/config/github/app-client-id' })),
    ],
    [
      'point the App elsewhere',
      () =>
        ssm().send(
          new PutParameterCommand({ Name: '/km/config/github/host', Value: 'evil.example', Type: 'String' }),
        ),
    ],
    [
      "use another's key directly",
      () =>
        kms().send(
          new DecryptCommand({ KeyId: victim().keyArn, CiphertextBlob: Buffer.from('x'.repeat(80)) }),
        ),
    ],
    [
      "open another's key's policy",
      () =>
        kms().send(new PutKeyPolicyCommand({ KeyId: victim().keyArn, PolicyName: 'default', Policy: '{}' })),
    ],
    ["look at another's key", () => kms().send(new DescribeKeyCommand({ KeyId: victim().keyArn }))],
    [
      "delete another's key",
      () => kms().send(new ScheduleKeyDeletionCommand({ KeyId: victim().keyArn, PendingWindowInDays: 7 })),
    ],
    [
      "assume another sandbox's role",
      () =>
        new STSClient(config()).send(
          new AssumeRoleCommand({ RoleArn: victim().roleArn, RoleSessionName: 'attacker' }),
        ),
    ],
    [
      "assume the refresher's role",
      () =>
        new STSClient(config()).send(
          new AssumeRoleCommand({
            RoleArn: `arn:aws:iam::${ACCOUNT}:role/km-refresher-${REGION}`,
            RoleSessionName: 'attacker',
          }),
        ),
    ],
    [
      "assume CloudFormation's role",
      () =>
        new STSClient(config()).send(
          new AssumeRoleCommand({
            RoleArn: `arn:aws:iam::${ACCOUNT}:role/km-cloudformation-${REGION}`,
            RoleSessionName: 'attacker',
          }),
        ),
    ],
  ];
};
