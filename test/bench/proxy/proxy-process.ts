/** A process of the bench: km's egress proxy alone, so that its memory and its processor time can be told. */
import { join } from 'node:path';
import { openAuditLog } from '../../../lib/proxy/audit/open-audit-log.ts';
import { startEgressProxy } from '../../../lib/proxy/server/start-proxy.ts';
import { Secret } from '../../../lib/secret.ts';
import type { ProxyOrder, ProxyStarted } from './stage.ts';

process.once('message', async ({ upstream, upstreamCa, token, dir, allowForcePushes }: ProxyOrder) => {
  const held = new Secret(token);
  const proxy = await startEgressProxy({
    policy: () => ({
      sandbox: 'sb-1a2b3c4d',
      allowedRepos: ['my-org/*'],
      permissions: { contents: 'write', metadata: 'read' },
      guard: { allowForcePushes, allowDeletions: false },
      graphql: 'none',
      allowedHosts: [],
    }),
    endpoints: [{ git: 'https://github.com', api: 'https://api.github.com' }],
    upstream,
    ...(upstreamCa === undefined ? {} : { upstreamCa }),
    tokens: {
      owners: () => ['my-org'],
      token: async () => held,
      isIssued: async () => false,
      forget: () => undefined,
    },
    inject: true,
    listen: { host: '127.0.0.1', port: 0 },
    sameUserOnly: false,
    audit: openAuditLog({ file: join(dir, 'audit.jsonl') }),
    log: (event, fields) => console.error(event, fields),
    now: () => Date.now(),
  });
  process.send?.({ url: proxy.url, caPem: proxy.caPem } satisfies ProxyStarted);
  process.once('disconnect', () => {
    proxy.close().finally(() => process.exit());
  });
});
