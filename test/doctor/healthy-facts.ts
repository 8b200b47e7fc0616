import type { InspectAnswer } from '../../lib/broker/inspection.ts';
import { resourceNames } from '../../lib/broker/names.ts';
import { NotLooked } from '../../lib/doctor/check.ts';
import type { Facts, ParameterFact } from '../../lib/doctor/facts.ts';
import type { SandboxContext } from '../../lib/sandbox/context.ts';
import type { SandboxRecord } from '../../lib/sandbox/sandbox-record.ts';

export const NOW = Date.parse('2026-11-20T10:00:00Z');
export const MINUTE = 60_000;
export const ID = 'sb-1234abcd';
export const KEY = 'arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555';
export const names = resourceNames();
export const TOKEN = names.tokenParameter(ID);

export const denied = (action: string): Error =>
  Object.assign(
    new Error(`User: arn:aws:iam::1:user/a is not authorized to perform: ${action} on resource: *`),
    {
      name: 'AccessDeniedException',
      $metadata: {},
    },
  );

export const sandbox = (changes: Partial<SandboxRecord> = {}): SandboxRecord => {
  const id = changes.id ?? ID;
  return {
    id,
    stackId: `arn:aws:cloudformation:us-east-1:123456789012:stack/km-sandbox-${id}/1`,
    stackStatus: 'CREATE_COMPLETE',
    profile: 'my-profile',
    substrate: 'docker',
    guard: { allowForcePushes: false, allowDeletions: false },
    egress: { allowedHosts: [], graphql: 'none' },
    encryption: 'per-sandbox',
    paused: false,
    refreshStart: NOW + 20 * MINUTE,
    event: {
      sandbox_id: id,
      allowed_repos: ['my-user/my-repo'],
      permissions: { contents: 'write', metadata: 'read' },
    },
    createdAt: NOW - 20 * MINUTE,
    labels: {},
    keyArn: KEY,
    ...changes,
  };
};

export interface TokenTimes {
  /** Minutes from now. */
  readonly minted?: number;
  readonly expires?: number;
}

export const token = (
  id = ID,
  { minted = -10, expires = 50 }: TokenTimes = {},
  owner = 'my-user',
): ParameterFact => ({
  name: names.tokenParameter(id),
  type: 'SecureString',
  keyId: names.keyAlias(id),
  description: JSON.stringify({
    mintedAt: new Date(NOW + minted * MINUTE).toISOString(),
    expiresAt: new Date(NOW + expires * MINUTE).toISOString(),
    owner,
    repositories: ['my-repo'],
    permissions: { contents: 'write' },
  }),
  lastModified: NOW + minted * MINUTE,
});

export const parameter = (name: string, type = 'String'): ParameterFact => ({
  name,
  type,
  keyId: '',
  description: '',
  lastModified: NOW - 86_400_000,
});

export const inspected = (changes: Partial<InspectAnswer> = {}): InspectAnswer => ({
  configured: true,
  missing: [],
  host: 'github.com',
  signer: 'parameter',
  client_id: 'Iv23liABCDEF',
  key: { ok: true, type: 'rsa', bits: 2048, fingerprint: 'SHA256:abc=', stored_at: '2026-10-20T10:00:00Z' },
  clock_skew_ms: 400,
  jwt: { ok: true },
  app: {
    id: 1,
    slug: 'my-km',
    name: 'My km',
    owner: 'my-org',
    owner_type: 'Organization',
    permissions: { contents: 'write', metadata: 'read' },
    html_url: 'https://github.com/apps/my-km',
  },
  installations: [installation('my-org', 12), installation('my-user', 11)],
  stored_installations: [
    { owner: 'my-org', id: 12 },
    { owner: 'my-user', id: 11 },
  ],
  rate_limit: [{ account: 'my-user', limit: 5000, remaining: 4990, reset: '2026-11-20T10:30:00Z' }],
  problems: [],
  ...changes,
});

export const installation = (
  account: string,
  id: number,
  changes: object = {},
): NonNullable<InspectAnswer['installations']>[number] => ({
  id,
  account,
  type: 'User',
  repository_selection: 'selected',
  permissions: { contents: 'write', metadata: 'read' },
  suspended: false,
  html_url: `https://github.com/settings/installations/${id}`,
  ...changes,
});

const REFRESHER = {
  $metadata: {},
  Runtime: 'nodejs24.x',
  Timeout: 60,
  Handler: 'index.handler',
  State: 'Active',
  Environment: { Variables: { KM_PREFIX: 'km' } },
} as const;

/** The facts of a platform with one sandbox, in which nothing is wrong, but for what a test puts in their place. */
export function healthyFacts(changes: Partial<Facts> = {}, options: Partial<Facts['options']> = {}): Facts {
  const context = { names, region: 'us-east-1' } as SandboxContext;
  const inspection = changes.inspection ?? (async () => inspected());
  return {
    context,
    options: { ids: [], env: {}, version: '1.2.3', ...options },
    startedAt: async () => NOW,
    caller: async () => ({ account: '123456789012', arn: 'arn:aws:iam::123456789012:user/anna' }),
    platform: async () => ({
      status: 'CREATE_COMPLETE',
      outputs: new Map([['Version', '1.2.3']]),
      drift: 'IN_SYNC',
      driftCheckedAt: NOW - MINUTE,
    }),
    refresher: async () => REFRESHER as unknown as Awaited<ReturnType<Facts['refresher']>>,
    failures: async () => ({ lines: [], more: false }),
    queue: async (name) => ({ url: `https://sqs/${name}`, messages: 0 }),
    configParameters: async () => [parameter(names.appClientId), parameter(names.privateKey, 'SecureString')],
    sandboxParameters: async () => [token()],
    schedules: async () => new Map([[names.schedule(ID), 'ENABLED']]),
    aliases: async () => new Map([[names.keyAlias(ID), KEY.split('/')[1] ?? '']]),
    sandboxes: async () => [sandbox()],
    keyState: async () => 'Enabled',
    app: async () => {
      const answer = await inspection();
      if (!answer.configured) throw new NotLooked('the GitHub App is not configured');
      return answer;
    },
    scopeProblems: async () => [],
    probe: async (repo) => ({ ok: true, repo, steps: [{ name: 'mint', ok: true, detail: '' }] }),
    ...changes,
    inspection,
  };
}
