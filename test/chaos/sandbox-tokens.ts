import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { ErrorCode } from '../../lib/errors.ts';
import type { ChaosCloud } from './chaos-cloud.ts';

/** What `km list --json` tells of a sandbox, as far as it is asked here. */
export interface Listed {
  readonly id: string;
  readonly stackStatus: string;
  readonly health: string;
  readonly paused: boolean;
  readonly roleArn?: string;
  readonly expiresAt?: string | null;
  readonly allowedRepos?: readonly string[];
  readonly tokens: readonly {
    readonly parameter: string;
    readonly owner: string;
    readonly expiresAt: string;
    readonly failure?: { readonly code: ErrorCode };
  }[];
}

export interface ReadToken {
  readonly parameter: string;
  readonly owner: string;
  readonly value: string;
}

/** Reads a sandbox's tokens as the sandbox does: with its role's session, from Parameter Store. */
export async function readTokens(cloud: ChaosCloud, sandbox: Listed): Promise<ReadToken[]> {
  const {
    AWS_ENDPOINT_URL: endpoint = '',
    AWS_ACCESS_KEY_ID,
    AWS_SECRET_ACCESS_KEY,
  } = cloud.environment.variables;
  const operator = { accessKeyId: AWS_ACCESS_KEY_ID ?? '', secretAccessKey: AWS_SECRET_ACCESS_KEY ?? '' };
  const common = { endpoint, region: 'us-east-1' };
  const sts = new STSClient({ ...common, credentials: operator });
  const request = new AssumeRoleCommand({ RoleArn: sandbox.roleArn, RoleSessionName: 'chaos' });
  const { Credentials } = await sts.send(request).finally(() => sts.destroy());
  const credentials = {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  };
  const ssm = new SSMClient({ ...common, credentials });
  try {
    return await Promise.all(
      sandbox.tokens.map(async ({ parameter, owner }) => {
        const { Parameter } = await ssm.send(
          new GetParameterCommand({ Name: parameter, WithDecryption: true }),
        );
        return { parameter, owner, value: Parameter?.Value ?? '' };
      }),
    );
  } finally {
    ssm.destroy();
  }
}

/** The status that GitHub answers a token with when it asks for a repo. */
export async function askGitHub(cloud: ChaosCloud, token: string, repo: string): Promise<number> {
  const response = await fetch(`${cloud.environment.variables.KM_GITHUB_API_URL}/repos/${repo}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  await response.arrayBuffer();
  return response.status;
}

/** Whether GitHub knows the token at all: what is revoked or expired is 401 everywhere. */
export async function isKnownToGitHub(cloud: ChaosCloud, token: string): Promise<boolean> {
  const response = await fetch(`${cloud.environment.variables.KM_GITHUB_API_URL}/installation/repositories`, {
    headers: { authorization: `Bearer ${token}` },
  });
  await response.arrayBuffer();
  return response.status !== 401;
}
