import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppContext } from '../../lib/app/app-context.ts';
import { type SetupRecovery, setupRecovery } from '../../lib/app/setup-recovery.ts';
import { resourceNames } from '../../lib/broker/names.ts';

const CREATED = {
  id: 7,
  slug: 'km-made',
  name: 'km made',
  client_id: 'Iv23liMade',
  html_url: 'https://github.com/apps/km-made',
  owner: { login: 'my-user', type: 'User' },
  permissions: { contents: 'write', metadata: 'read' },
  pem: 'PEM OF THE NEW APP',
  webhook_secret: null,
};

export interface SetupScene {
  readonly context: AppContext;
  readonly recovery: SetupRecovery;
  /** What Parameter Store holds. */
  readonly stored: Map<string, string>;
  /** Every call so far, by what it does: `convert`, `put NAME`, `delete NAME`, `look at the platform`. */
  readonly calls: string[];
  /** Makes the next call of that name fail once. */
  failOnce(call: string): void;
  /** Files of the recovery folder. */
  files(): Promise<string[]>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A Parameter Store, and a GitHub whose code works once; both do what they are told to fail at, once. */
export const setupScene = async (): Promise<SetupScene> => {
  const folder = await mkdtemp(join(tmpdir(), 'km-setup-'));
  const names = resourceNames();
  const stored = new Map<string, string>();
  const calls: string[] = [];
  const failures = new Set<string>();
  let isSpent = false;

  const called = (call: string): void => {
    calls.push(call);
    if (failures.delete(call))
      throw Object.assign(new Error(`${call} failed`), { name: 'InternalServerError' });
  };

  const send = async (command: { input: Record<string, unknown> }): Promise<unknown> => {
    const { input } = command;
    switch (command.constructor.name) {
      case 'GetParametersByPathCommand':
        return {
          Parameters: [...stored].map(([Name, Value]) => ({ Name, Value, LastModifiedDate: new Date(0) })),
        };
      case 'DescribeStacksCommand':
        called('look at the platform');
        return {
          Stacks: [
            { StackId: 'platform', Parameters: [{ ParameterKey: 'Signer', ParameterValue: 'parameter' }] },
          ],
        };
      case 'PutParameterCommand':
        called(`put ${input.Name}`);
        stored.set(String(input.Name), String(input.Value));
        return {};
      case 'DeleteParametersCommand':
        for (const name of input.Names as string[]) {
          called(`delete ${name}`);
          stored.delete(name);
        }
        return {};
      default:
        throw new Error(`unexpected ${command.constructor.name}`);
    }
  };

  const fetch: typeof globalThis.fetch = async (input) => {
    if (!/\/app-manifests\/the-code\/conversions$/.test(String(input)))
      throw new Error(`unexpected ${input}`);
    try {
      called('convert');
    } catch {
      return Response.json({ message: 'Bad request' }, { status: 400 });
    }
    if (isSpent) return Response.json({ message: 'Not Found' }, { status: 404 });
    isSpent = true;
    return Response.json(CREATED, { status: 201 });
  };

  return {
    context: {
      cloud: {
        names,
        region: 'us-east-1',
        client: <Client>() => ({ send }) as Client,
        now: async () => 0,
        sleep: async () => undefined,
        randomBytes: (length) => new Uint8Array(length),
      },
      github: { fetch, now: () => 0, sleep: async () => undefined, random: () => 0 },
    },
    recovery: setupRecovery(folder, { account: '123456789012', region: 'us-east-1', prefix: 'km' }),
    stored,
    calls,
    failOnce: (call) => failures.add(call),
    files: () => readdir(folder),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
};
