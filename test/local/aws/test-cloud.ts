import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KMSClient } from '@aws-sdk/client-kms';
import { SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { PolicyDocument, PolicyStatement } from '../../../lib/local/aws/cloud.ts';
import { type LocalCloud, startLocalCloud } from '../../../lib/local/start.ts';
import { type Credentials, signedHeaders } from './sign-request.ts';

export const ACCOUNT = '000000000000';

export interface Clients {
  readonly ssm: SSMClient;
  readonly kms: KMSClient;
  readonly sts: STSClient;
}

/** What a raw request was answered. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface TestCloud extends AsyncDisposable {
  readonly stateDir: string;
  readonly cloud: LocalCloud;
  /** Clients with these credentials; the admin's when absent. They do not retry. */
  clients(credentials?: Credentials): Clients;
  /** One JSON operation (a text is sent as it is), signed here; `change` may tamper with what is sent afterwards. */
  raw(target: string, input: object | string, options?: RawOptions): Promise<RawAnswer>;
  /** One IAM operation, as the admin when no credentials are given. Throws with IAM's code and message. */
  iam(action: string, input: Readonly<Record<string, string>>, credentials?: Credentials): Promise<string>;
  /** One operation of a query service: the XML of its answer. Throws with its code and message, and the status. */
  query(
    service: 'iam' | 'sns',
    action: string,
    input?: Readonly<Record<string, string>>,
    credentials?: Credentials,
  ): Promise<string>;
  /** Makes a role that the account may assume, with these inline statements, and returns its ARN. */
  makeRole(
    name: string,
    statements: readonly PolicyStatement[],
    more?: Readonly<Record<string, string>>,
  ): Promise<string>;
  /** A session of a role, assumed by the admin. */
  session(roleArn: string, name?: string): Promise<Credentials>;
  admin(method: string, path: string, body?: unknown): Promise<RawAnswer>;
}

export interface RawOptions {
  readonly credentials?: Credentials;
  readonly service?: string;
  readonly region?: string;
  readonly at?: Date;
  readonly change?: (sent: { headers: Record<string, string>; body: string }) => void;
}

const SERVICES: Readonly<Record<string, string>> = { AmazonSSM: 'ssm', TrentService: 'kms' };

export const policy = (...Statement: PolicyStatement[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement,
});

/** Starts a local cloud over a directory of its own; disposing stops it and removes the directory. */
export const startTestCloud = async (
  options: { stateDir?: string; seed?: unknown } = {},
): Promise<TestCloud> => {
  const stateDir = options.stateDir ?? mkdtempSync(join(tmpdir(), 'km-local-'));
  const cloud = await startLocalCloud({ stateDir, ...(options.seed ? { seed: options.seed } : {}) });
  const made: { destroy(): void }[] = [];

  const clients = (credentials: Credentials = cloud.admin): Clients => {
    // The SDK writes into the credentials that it is given.
    const config = {
      endpoint: cloud.url,
      region: cloud.region,
      credentials: { ...credentials },
      maxAttempts: 1,
    };
    const all = { ssm: new SSMClient(config), kms: new KMSClient(config), sts: new STSClient(config) };
    made.push(...Object.values(all));
    return all;
  };

  const send = async (headers: Record<string, string>, body: string): Promise<RawAnswer> => {
    const response = await fetch(cloud.url, { method: 'POST', headers, body });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };

  const raw: TestCloud['raw'] = (target, input, more = {}) => {
    const sent = {
      body: typeof input === 'string' ? input : JSON.stringify(input),
      headers: {} as Record<string, string>,
    };
    sent.headers = signedHeaders({
      url: cloud.url,
      service: more.service ?? SERVICES[target.split('.')[0] ?? ''] ?? '',
      body: sent.body,
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target },
      credentials: more.credentials ?? cloud.admin,
      ...(more.region ? { region: more.region } : {}),
      ...(more.at ? { at: more.at } : {}),
    });
    more.change?.(sent);
    return send(sent.headers, sent.body);
  };

  const query: TestCloud['query'] = async (service, action, input = {}, credentials = cloud.admin) => {
    const Version = { iam: '2010-05-08', sns: '2010-03-31' }[service];
    const body = new URLSearchParams({ Action: action, Version, ...input }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await send(signedHeaders({ url: cloud.url, service, body, headers, credentials }), body);
    if (answer.status === 200) return answer.text;
    const field = (name: string): string =>
      new RegExp(`<${name}>(.*)</${name}>`, 's').exec(answer.text)?.[1] ?? '';
    throw Object.assign(new Error(field('Message')), { name: field('Code'), status: answer.status });
  };

  const iam: TestCloud['iam'] = (action, input, credentials) => query('iam', action, input, credentials);

  return {
    stateDir,
    cloud,
    clients,
    raw,
    query,
    iam,
    async makeRole(name, statements, more = {}) {
      const trust = policy({ Effect: 'Allow', Principal: { AWS: ACCOUNT }, Action: 'sts:AssumeRole' });
      await iam('CreateRole', { RoleName: name, AssumeRolePolicyDocument: JSON.stringify(trust), ...more });
      if (statements.length > 0) {
        const PolicyDocument = JSON.stringify(policy(...statements));
        await iam('PutRolePolicy', { RoleName: name, PolicyName: 'inline', PolicyDocument });
      }
      return `arn:aws:iam::${ACCOUNT}:role${more.Path ?? '/'}${name}`;
    },
    async session(roleArn, name = 'test') {
      const { Credentials: given } = await clients().sts.send(
        new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: name }),
      );
      return {
        accessKeyId: given?.AccessKeyId ?? '',
        secretAccessKey: given?.SecretAccessKey ?? '',
        sessionToken: given?.SessionToken ?? '',
      };
    },
    async admin(method, path, body) {
      const response = await fetch(`${cloud.url}/_km/${path}`, {
        method,
        headers: { authorization: `Bearer ${cloud.adminToken}` },
        ...(body === undefined
          ? {}
          : { body: Buffer.isBuffer(body) ? new Uint8Array(body) : JSON.stringify(body) }),
      });
      return { status: response.status, headers: response.headers, text: await response.text() };
    },
    async [Symbol.asyncDispose]() {
      for (const client of made) client.destroy();
      await cloud.close();
      if (!options.stateDir) rmSync(stateDir, { recursive: true, force: true });
    },
  };
};
