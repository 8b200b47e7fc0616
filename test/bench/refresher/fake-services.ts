import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A small AWS and GitHub on loopback, which answer a refresh and nothing else and check nothing. */
export interface FakeServices extends AsyncDisposable {
  readonly url: string;
  /** `SSM GetParameters`, `POST /app/installations/1/access_tokens`: what was asked since the last look, in its order. */
  readonly take: () => readonly string[];
}

export interface FakeServicesOptions {
  readonly owners: readonly string[];
  /** Versions that each token's parameter has before the first refresh; default 4: a sandbox of about three hours. */
  readonly versions?: number;
  /** Requests for an owner are answered only when so many are there at once; default 1. */
  readonly together?: number;
  /** The error that Parameter Store refuses every write with. */
  readonly refusal?: string;
}

const CONFIG = '/km/config/github';
const APP = 'Iv23liTestApp0000000';
const HOUR_MS = 3_600_000;

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const ok = (body: unknown): Answer => ({ status: 200, body });

const bodyOf = async (request: IncomingMessage): Promise<Record<string, unknown>> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return chunks.length === 0 ? {} : (JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>);
};

const freshToken = (): string => `ghs_${randomBytes(18).toString('hex')}`;

const gitHub = (owners: readonly string[]) => {
  const installation = (id: number) => ({
    id,
    account: { login: owners[id - 1], id: id + 1000, type: 'Organization' },
    repository_selection: 'selected',
    html_url: `https://github.com/organizations/${owners[id - 1]}/settings/installations/${id}`,
    permissions: { contents: 'write', metadata: 'read' },
    suspended_at: null,
  });
  const mint = (id: number, asked: Record<string, unknown>) => ({
    token: freshToken(),
    expires_at: new Date(Date.now() + HOUR_MS).toISOString(),
    permissions: { ...(asked.permissions as object), metadata: 'read' },
    repository_selection: 'selected',
    repositories: (asked.repositories as string[]).map((name) => ({
      name,
      full_name: `${owners[id - 1]}/${name}`,
      owner: { login: owners[id - 1] },
    })),
  });
  return (method: string, path: string, body: Record<string, unknown>): Answer | undefined => {
    const id = Number(/^\/app\/installations\/(\d+)/.exec(path)?.[1]);
    if (method === 'POST' && path.endsWith('/access_tokens')) return { status: 201, body: mint(id, body) };
    if (method === 'GET' && id > 0) return ok(installation(id));
    if (method === 'GET' && path.startsWith('/installation/repositories'))
      return ok({ total_count: 1, repositories: [{ id: 1, name: 'repo', full_name: `${owners[0]}/repo` }] });
    if (method === 'GET' && path === '/rate_limit')
      return ok({ resources: {}, rate: { limit: 5000, remaining: 4999 } });
    if (method === 'DELETE' && path === '/installation/token') return { status: 204, body: undefined };
    return undefined;
  };
};

const parameterStore = (owners: readonly string[], versions: number) => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const config = new Map([
    [`${CONFIG}/app-client-id`, APP],
    [`${CONFIG}/private-key`, privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()],
    ...owners.map((owner, index) => [`${CONFIG}/installations/${owner}`, String(index + 1)] as const),
  ]);
  const written = new Map<
    string,
    { Version: number; Value: string; Description: string; LastModifiedDate: number }[]
  >();
  const versionsOf = (name: string) => {
    const kept = written.get(name) ?? [];
    for (let age = versions - kept.length; kept.length < versions; age -= 1) {
      const mintedAt = Date.now() - age * 45 * 60_000;
      kept.push({
        Version: kept.length + 1,
        Value: freshToken(),
        Description: JSON.stringify({
          mintedAt: new Date(mintedAt).toISOString(),
          expiresAt: new Date(mintedAt + HOUR_MS).toISOString(),
          owner: owners[0],
          repositories: ['repo'],
          permissions: { contents: 'write', metadata: 'read' },
        }),
        LastModifiedDate: mintedAt / 1000,
      });
    }
    written.set(name, kept);
    return kept;
  };
  return (operation: string, input: Record<string, unknown>): Answer | undefined => {
    const name = String(input.Name);
    switch (operation) {
      case 'GetParameters': {
        const names = input.Names as string[];
        const found = names.filter((wanted) => config.has(wanted));
        return ok({
          Parameters: found.map((Name) => ({
            Name,
            Type: 'String',
            Value: config.get(Name),
            Version: 1,
            LastModifiedDate: Date.now() / 1000,
            ARN: `arn:aws:ssm:us-east-1:000000000000:parameter${Name}`,
            DataType: 'text',
          })),
          InvalidParameters: names.filter((wanted) => !config.has(wanted)),
        });
      }
      case 'GetParameterHistory':
        return ok({
          Parameters: versionsOf(name).map((version) => ({
            ...version,
            Name: name,
            Type: 'SecureString',
            KeyId: 'alias/km-github-token-sb-00000000',
            LastModifiedUser: 'arn:aws:sts::000000000000:assumed-role/km-refresher-us-east-1/km',
            Labels: [],
            Tier: 'Standard',
            Policies: [],
            DataType: 'text',
          })),
        });
      case 'PutParameter': {
        const kept = versionsOf(name);
        const Version = (kept.at(-1)?.Version ?? 0) + 1;
        const { Value, Description } = input as { Value: string; Description: string };
        kept.push({ Version, Value, Description, LastModifiedDate: Date.now() / 1000 });
        // As many as at first, so that every refresh is the same work.
        if (kept.length > versions + 1) kept.shift();
        return ok({ Version, Tier: 'Standard' });
      }
      default:
        return undefined;
    }
  };
};

/** Starts them. What they know: an App, an installation for each owner, and every sandbox that is asked about. */
export const startFakeServices = async (options: FakeServicesOptions): Promise<FakeServices> => {
  const { owners, versions = 4, together = 1, refusal } = options;
  const ssm = parameterStore(owners, versions);
  const github = gitHub(owners);
  let seen: string[] = [];
  let waiting: (() => void)[] = [];

  /** Settles when as many requests as belong together are there. */
  const others = (): Promise<void> =>
    new Promise((resolve) => {
      waiting.push(resolve);
      if (waiting.length < together) return;
      for (const go of waiting) go();
      waiting = [];
    });

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url = '' } = request;
    const operation = String(request.headers['x-amz-target'] ?? '').replace('AmazonSSM.', '');
    seen.push(operation === '' ? `${method} ${url}` : `SSM ${operation}`);
    const body = await bodyOf(request);
    // What is read of the App is no one owner's.
    if (operation !== 'GetParameters') await others();
    const refused = refusal !== undefined && operation === 'PutParameter';
    const found = refused
      ? { status: 400, body: { __type: refusal, message: 'refused' } }
      : operation === ''
        ? github(method, url, body)
        : ssm(operation, body);
    response.statusCode = found?.status ?? 501;
    response.setHeader('content-type', operation === '' ? 'application/json' : 'application/x-amz-json-1.1');
    response.setHeader('x-ratelimit-remaining', '4999');
    response.end(found === undefined ? '{"message":"Not known"}' : JSON.stringify(found.body));
  };

  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take: () => {
      const taken = seen;
      seen = [];
      return taken;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
