import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
  type Parameter,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { resourceNames } from '../broker/names.ts';
import { KmError } from '../errors.ts';
import type { LocalCloud } from '../local/start.ts';
import { packageRoot, readTemplate } from './package-root.ts';

const names = resourceNames();
const POLL_MS = 40;

/** What the CDK leaves in the name of its asset bucket. */
const ACCOUNT = /\$\{AWS::AccountId\}/;
const REGION = /\$\{AWS::Region\}/;

/**
 * Makes a local cloud ready for sandboxes the way an administrator does on AWS: deploys the platform's own template,
 * gives the operator its managed policy, and stores the GitHub App. Done again, it brings the platform up to date.
 */
export async function deployLocalPlatform(cloud: LocalCloud): Promise<void> {
  const config = {
    endpoint: cloud.url,
    region: cloud.region,
    credentials: { accessKeyId: cloud.admin.accessKeyId, secretAccessKey: cloud.admin.secretAccessKey },
  };
  const template = await readTemplate('platform');
  await provideCode(cloud, template);
  await deploy(new CloudFormationClient(config), template);
  await cloud.attachOperatorPolicy(names.operatorPolicy(cloud.region));
  await storeApp(new SSMClient(config), cloud);
}

/** Uploads what the CDK command line would: here the refresher's folder under its asset's name. */
async function provideCode(cloud: LocalCloud, template: string): Promise<void> {
  const { Resources } = JSON.parse(template) as {
    Resources: Record<string, { Type: string; Properties: Code }>;
  };
  for (const { Type, Properties } of Object.values(Resources)) {
    if (Type !== 'AWS::Lambda::Function') continue;
    const { S3Bucket, S3Key } = Properties.Code;
    const bucket = (typeof S3Bucket === 'string' ? S3Bucket : S3Bucket['Fn::Sub'])
      .replace(ACCOUNT, cloud.accountId)
      .replace(REGION, cloud.region);
    await fetch(new URL(`/_km/assets/${bucket}/${S3Key}`, cloud.url), {
      method: 'PUT',
      headers: { authorization: `Bearer ${cloud.adminToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ directory: join(packageRoot(), 'dist', 'refresher') }),
    });
  }
}

interface Code {
  readonly Code: { readonly S3Bucket: string | { readonly 'Fn::Sub': string }; readonly S3Key: string };
}

async function deploy(client: CloudFormationClient, TemplateBody: string): Promise<void> {
  const stack = {
    StackName: names.platformStack,
    TemplateBody,
    Capabilities: ['CAPABILITY_NAMED_IAM' as const],
  };
  try {
    await client.send(
      new CreateStackCommand({ ...stack, DeploymentConfig: { Mode: 'EXPRESS', DisableRollback: false } }),
    );
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'AlreadyExistsException') throw error;
    try {
      const Parameters = await previousParameters(client, TemplateBody);
      await client.send(new UpdateStackCommand({ ...stack, Parameters }));
    } catch (refusal) {
      if (refusal instanceof Error && /No updates are to be performed/.test(refusal.message)) return;
      throw refusal;
    }
  }
  for (;;) {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: names.platformStack }));
    const { StackStatus = '', StackStatusReason } = Stacks?.[0] ?? {};
    if (/^(CREATE|UPDATE)_COMPLETE$/.test(StackStatus)) return;
    if (!/IN_PROGRESS$/.test(StackStatus)) {
      throw new KmError(
        'ErrLocalCloud',
        `The platform was not deployed: ${StackStatus} ${StackStatusReason ?? ''}`,
      );
    }
    await delay(POLL_MS);
  }
}

/** As `cdk deploy` does it: what was chosen since, as the signer, stays as it is. */
async function previousParameters(client: CloudFormationClient, template: string): Promise<Parameter[]> {
  const { Parameters: known = {} } = JSON.parse(template) as { Parameters?: Record<string, unknown> };
  const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: names.platformStack }));
  return (Stacks?.[0]?.Parameters ?? [])
    .filter(({ ParameterKey = '' }) => Object.hasOwn(known, ParameterKey))
    .map(({ ParameterKey }) => ({ ParameterKey, UsePreviousValue: true }));
}

/** GitHub hands the App's key out once, on the first start. */
async function storeApp(ssm: SSMClient, { github }: LocalCloud): Promise<void> {
  if (github.app?.privateKeyPem === undefined) return;
  const { privateKeyPem, clientId } = github.app;
  const put = (Name: string, Value: string) =>
    ssm.send(new PutParameterCommand({ Name, Value, Type: 'String', Overwrite: true }));
  await Promise.all([
    ssm.send(
      new PutParameterCommand({
        Name: names.privateKey,
        Value: privateKeyPem,
        Type: 'SecureString',
        KeyId: names.configKeyAlias,
        Overwrite: true,
      }),
    ),
    put(names.appClientId, clientId),
    ...github.installations.map(({ id, account }) => put(names.installation(account), String(id))),
  ]);
}
