import { createPrivateKey } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DescribeKeyCommand, KMSClient, ListKeysCommand, ListResourceTagsCommand } from '@aws-sdk/client-kms';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  DeleteParametersCommand,
  GetParametersByPathCommand,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { keyFingerprint } from '../../lib/github/key-fingerprint.ts';
import { type Result, type RunOptions, World } from './harness.ts';

const CONFIG = '/km/config/github';

/** The App as the local GitHub knows it. */
export interface LocalApp {
  readonly id: number;
  readonly client_id: string;
  readonly slug: string;
  readonly keys: number;
}

export interface OtherApp {
  readonly path: string;
  readonly clientId: string;
  readonly installationId: string;
  readonly fingerprint: string;
}

const fingerprintOf = (pem: string): string => keyFingerprint(createPrivateKey(pem));

/** A local cloud whose App is stored, taken away and changed by its administrator and on GitHub's pages. */
export class AppScene {
  readonly world: World;
  readonly ssm: SSMClient;
  readonly kms: KMSClient;
  readonly lambda: LambdaClient;
  readonly #url: string;
  readonly #adminToken: string;

  private constructor(world: World, environment: { url: string; adminToken: string; config: object }) {
    this.world = world;
    this.ssm = new SSMClient(environment.config);
    this.kms = new KMSClient(environment.config);
    this.lambda = new LambdaClient(environment.config);
    this.#url = environment.url;
    this.#adminToken = environment.adminToken;
  }

  static async start(options: { readonly seed?: string } = {}): Promise<AppScene> {
    const world = await World.start(options);
    const file = await readFile(join(world.state, 'environment.json'), 'utf8');
    const { url, adminToken, variables, administrator } = JSON.parse(file);
    const credentials = {
      accessKeyId: administrator.AWS_ACCESS_KEY_ID,
      secretAccessKey: administrator.AWS_SECRET_ACCESS_KEY,
    };
    const config = { endpoint: url, region: variables.AWS_REGION, credentials };
    return new AppScene(world, { url, adminToken, config });
  }

  /** Runs `km configure github`. */
  configure(args: readonly string[], options: RunOptions = {}): Promise<Result> {
    return this.world.local(['configure', 'github', ...args], options);
  }

  /** Does what people do on GitHub's pages. */
  async onGitHub<T = unknown>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.#url}/_km/github${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#adminToken}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  async app(): Promise<LocalApp> {
    const { apps } = await this.onGitHub<{ apps: LocalApp[] }>('GET', '');
    const [app] = apps;
    if (!app) throw new Error('no App');
    return app;
  }

  async installationId(account: string): Promise<string> {
    const { installations } = await this.onGitHub<{ installations: { id: number; account: string }[] }>(
      'GET',
      '',
    );
    return String(installations.find((each) => each.account === account)?.id);
  }

  /** A new private key of the App, in a file. */
  async newKey(
    name: string,
  ): Promise<{ readonly path: string; readonly pem: string; readonly fingerprint: string }> {
    const { pem } = await this.onGitHub<{ pem: string }>('POST', '/app-keys');
    return { path: await this.file(name, pem), pem, fingerprint: fingerprintOf(pem) };
  }

  /** Makes another App on GitHub, and takes its key over; installed on `account`. */
  async otherApp(name: string, account: string): Promise<OtherApp> {
    const manifest = {
      name,
      url: 'https://example.com',
      redirect_url: 'http://127.0.0.1:9/',
      public: true,
      default_permissions: { contents: 'write', metadata: 'read' },
    };
    const { code, app } = await this.onGitHub<{ code: string; app: LocalApp }>('POST', '/apps', { manifest });
    const { KM_GITHUB_API_URL: api } = await this.world.environment();
    const response = await fetch(`${api}/app-manifests/${code}/conversions`, { method: 'POST' });
    const { pem, client_id } = (await response.json()) as { pem: string; client_id: string };
    const { id } = await this.onGitHub<{ id: number }>('POST', `/installations?app=${app.slug}`, {
      account,
      repositories: 'all',
    });
    const path = await this.file(`${app.slug}.pem`, pem);
    return { path, clientId: client_id, installationId: String(id), fingerprint: fingerprintOf(pem) };
  }

  async file(name: string, text: string, mode = 0o600): Promise<string> {
    const path = join(this.world.dir, name);
    await writeFile(path, text, { mode });
    return path;
  }

  /** What is stored about the App, by the name below its path; of a key only its version. */
  async stored(): Promise<Record<string, string>> {
    const found: Record<string, string> = {};
    let NextToken: string | undefined;
    do {
      const page = await this.ssm.send(
        new GetParametersByPathCommand({
          Path: CONFIG,
          Recursive: true,
          ...(NextToken ? { NextToken } : {}),
        }),
      );
      for (const { Name = '', Value = '', Type, Version } of page.Parameters ?? [])
        found[Name.slice(CONFIG.length + 1)] = Type === 'SecureString' ? `version ${Version}` : Value;
      NextToken = page.NextToken;
    } while (NextToken);
    return found;
  }

  async put(name: string, Value: string): Promise<void> {
    await this.ssm.send(
      new PutParameterCommand({ Name: `${CONFIG}/${name}`, Value, Type: 'String', Overwrite: true }),
    );
  }

  /** What the refresher says about the App. */
  async inspect<T>(): Promise<T> {
    const event = JSON.stringify({ action: 'inspect' });
    const { Payload, FunctionError } = await this.lambda.send(
      new InvokeCommand({ FunctionName: 'km-github-token-refresher', Payload: event }),
    );
    const text = Payload?.transformToString() ?? '';
    if (FunctionError) throw new Error(text);
    return JSON.parse(text) as T;
  }

  /** The states of the KMS keys that were made to sign as the App. */
  async appKeys(): Promise<readonly string[]> {
    const { Keys = [] } = await this.kms.send(new ListKeysCommand({ Limit: 1000 }));
    const states: string[] = [];
    for (const { KeyId = '' } of Keys) {
      const { Tags = [] } = await this.kms
        .send(new ListResourceTagsCommand({ KeyId }))
        .catch(() => ({ Tags: [] }));
      if (Tags.some(({ TagKey }) => TagKey === 'km:app-key')) states.push((await this.keyState(KeyId)) ?? '');
    }
    return states;
  }

  async take(name: string): Promise<void> {
    await this.ssm.send(new DeleteParametersCommand({ Names: [`${CONFIG}/${name}`] }));
  }

  async keyState(KeyId: string): Promise<string | undefined> {
    const { KeyMetadata } = await this.kms.send(new DescribeKeyCommand({ KeyId }));
    return KeyMetadata?.KeyState;
  }

  /** Takes everything that is stored about the App away, as before it was ever stored. */
  async forget(): Promise<void> {
    const names = Object.keys(await this.stored()).map((name) => `${CONFIG}/${name}`);
    for (let start = 0; start < names.length; start += 10)
      await this.ssm.send(new DeleteParametersCommand({ Names: names.slice(start, start + 10) }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.world[Symbol.asyncDispose]();
  }
}
