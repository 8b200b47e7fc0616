import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readTemplate } from '../../lib/cli/package-root.ts';
import { World } from './harness.ts';
import { ACCOUNT, assume, type Config, configOf, DENIED, REGION, tokenOf } from './isolation-attempts.ts';

const iam = (resource: string) => `arn:aws:iam::${ACCOUNT}:${resource}`;
const SERVICE_ROLE = iam(`role/km-cloudformation-${REGION}`);

interface Template {
  readonly Parameters: object;
  readonly Resources: Record<string, { DependsOn?: string[]; Properties: Record<string, unknown> }>;
  readonly Outputs?: object;
}

let world: World;
let asOperator: Config;

/** A sandbox on ECS: no operator can assume its role. */
const victimOf = async (encryption: string): Promise<string> => {
  const profile = join(world.dir, `${encryption}.yaml`);
  await writeFile(
    profile,
    `spec:
  encryption: ${encryption}
  runtime: { substrate: ecs }
  sourceAccess: { mode: allowlist, github: { allowedRepos: [my-user/my-repo] } }
`,
  );
  return (await world.json<{ id: string }>(['create', profile])).id;
};

const cloudFormation = () => new CloudFormationClient(asOperator);
const stackOf = (id: string) => ({
  StackName: `km-sandbox-${id}`,
  RoleARN: SERVICE_ROLE,
  Capabilities: ['CAPABILITY_NAMED_IAM' as const],
  DeploymentConfig: { Mode: 'EXPRESS' as const, DisableRollback: false },
});

const settled = async (id: string): Promise<void> => {
  for (const end = Date.now() + 20_000; ; await delay(100)) {
    const { Stacks = [] } = await cloudFormation().send(
      new DescribeStacksCommand({ StackName: `km-sandbox-${id}` }),
    );
    const { StackStatus = '', StackStatusReason = '' } = Stacks[0] ?? {};
    if (/^(CREATE|UPDATE)_COMPLETE$/.test(StackStatus)) return;
    if (/ROLLBACK|FAILED/.test(StackStatus) || Date.now() > end)
      throw new Error(`${id}: ${StackStatus} ${StackStatusReason}`);
  }
};

/** Gives the stack a template of the attacker's own, with the values that it has. */
const replaceTemplate = async (id: string, change: (template: Template) => void): Promise<void> => {
  const template = JSON.parse(await readTemplate('sandbox')) as Template;
  change(template);
  await cloudFormation().send(
    new UpdateStackCommand({
      ...stackOf(id),
      TemplateBody: JSON.stringify(template),
      Parameters: Object.keys(template.Parameters).map((ParameterKey) => ({
        ParameterKey,
        UsePreviousValue: true,
      })),
    }),
  );
  await settled(id);
};

const allow = (more: object) => ({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...more }] });

/** All that the boundary leaves a role, for whoever is in the account. */
const openRole = (sandbox: string) => ({
  PermissionsBoundary: iam(`policy/km-sandbox-boundary-${REGION}`),
  AssumeRolePolicyDocument: allow({ Principal: { AWS: iam('root') }, Action: 'sts:AssumeRole' }),
  Policies: [{ PolicyName: 'all', PolicyDocument: allow({ Action: '*', Resource: '*' }) }],
  RoleName: `km-sandbox-${sandbox}`,
  Tags: [{ Key: 'km:sandbox-id', Value: sandbox }],
});

/** A role of the attacker's, and a key whose policy lets it in, made by a stack as any operator may make one. */
const createOwn = async (id: string): Promise<{ readonly role: string; readonly key: string }> => {
  const Resources = {
    Role: { Type: 'AWS::IAM::Role', Properties: openRole(id) },
    Key: {
      Type: 'AWS::KMS::Key',
      Properties: { KeyPolicy: allow({ Principal: { AWS: iam('root') }, Action: 'kms:*', Resource: '*' }) },
    },
  };
  const Outputs = { Key: { Value: { 'Fn::GetAtt': ['Key', 'Arn'] } } };
  await cloudFormation().send(
    new CreateStackCommand({ ...stackOf(id), TemplateBody: JSON.stringify({ Resources, Outputs }) }),
  );
  await settled(id);
  const { Stacks } = await cloudFormation().send(
    new DescribeStacksCommand({ StackName: `km-sandbox-${id}` }),
  );
  return { role: iam(`role/km-sandbox-${id}`), key: Stacks?.[0]?.Outputs?.[0]?.OutputValue ?? '' };
};

const readAs = async (role: string, id: string): Promise<string | undefined> => {
  const asThief = await assume(asOperator, role);
  const { Parameter } = await new SSMClient(asThief).send(
    new GetParameterCommand({ Name: tokenOf({ id }), WithDecryption: true }),
  );
  return Parameter?.Value;
};

const refresh = (sandbox_id: string) =>
  new LambdaClient(asOperator).send(
    new InvokeCommand({
      FunctionName: 'km-github-token-refresher',
      Payload: JSON.stringify({
        sandbox_id,
        allowed_repos: ['my-user/my-repo'],
        permissions: { contents: 'read', metadata: 'read' },
      }),
    }),
  );

/** Takes the role away and makes one of its name that lets the account in: the key knows it by its name and tag. */
const replaceRole = async (id: string): Promise<string | undefined> => {
  await replaceTemplate(id, ({ Resources, Outputs }) => {
    delete Resources.Role;
    delete Resources.InstanceProfile;
    for (const name of ['RoleArn', 'InstanceProfileName']) delete (Outputs as Record<string, unknown>)[name];
    for (const resource of Object.values(Resources))
      if (resource.DependsOn) resource.DependsOn = resource.DependsOn.filter((name) => name !== 'Role');
  });
  await replaceTemplate(id, ({ Resources }) => {
    Object.assign(Resources.Role?.Properties ?? {}, openRole(id));
  });
  return readAs(iam(`role/km-sandbox-${id}`), id);
};

/** Points the alias at a key of the attacker's, with which the next refresh encrypts. */
const replaceKey = async (id: string): Promise<string | undefined> => {
  const { role, key } = await createOwn('sb-0bad0001');
  await replaceTemplate(id, ({ Resources }) => {
    delete Resources.KeyAlias;
    for (const resource of Object.values(Resources))
      if (resource.DependsOn) resource.DependsOn = resource.DependsOn.filter((name) => name !== 'KeyAlias');
  });
  await replaceTemplate(id, ({ Resources }) => {
    Object.assign(Resources.KeyAlias?.Properties ?? {}, { TargetKeyId: key });
  });
  await refresh(id);
  return readAs(role, id);
};

/** Lets a role of the attacker's into the sandbox's own key. */
const openKey = async (id: string): Promise<string | undefined> => {
  const { role } = await createOwn('sb-0bad0002');
  await replaceTemplate(id, ({ Resources }) => {
    const KeyPolicy = allow({ Principal: { AWS: iam('root') }, Action: 'kms:*', Resource: '*' });
    Object.assign(Resources.Key?.Properties ?? {}, { KeyPolicy });
  });
  return readAs(role, id);
};

beforeAll(async () => {
  world = await World.start();
  const env = await world.environment();
  asOperator = configOf(env.AWS_ENDPOINT_URL ?? '', {
    accessKeyId: env.AWS_ACCESS_KEY_ID ?? '',
    secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? '',
  });
}, 60_000);

afterAll(() => world?.[Symbol.asyncDispose]());

describe("an operator with a template of their own for the stack of another's sandbox", () => {
  test.each([
    ['by a role of its name', 'per-sandbox', replaceRole],
    ['by a role of its name, under the shared key', 'shared', replaceRole],
    ['by its alias on a key of theirs', 'per-sandbox', replaceKey],
    ["by its key's policy", 'per-sandbox', openKey],
  ])('does not get at its token %s', async (_how, encryption, attack) => {
    const id = await victimOf(encryption);
    const result = await attack(id).catch((error: unknown) => error);
    expect(String(result)).not.toMatch(/^ghs_/);
    expect(String(result)).toMatch(DENIED);
    expect(String(result)).toContain('cloudformation:UpdateStack');
  });
});
