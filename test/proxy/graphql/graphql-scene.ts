import { decideGraphql } from '../../../lib/proxy/graphql/decide-graphql.ts';
import type { ProxyPolicy } from '../../../lib/proxy/proxy-policy.ts';

/** A policy that lets queries about these repos through. */
export const reader = (allowedRepos: readonly string[]): ProxyPolicy => ({
  sandbox: 'sb-12345678',
  allowedRepos,
  permissions: { contents: 'write', metadata: 'read' },
  guard: { allowForcePushes: false, allowDeletions: false },
  graphql: 'read',
  allowedHosts: [],
});

/** Decides over a query about `acme/app`, the only allowed repo, or about those given. */
export const ask = (
  query: string,
  variables?: unknown,
  allowedRepos: readonly string[] = ['acme/app'],
): ReturnType<typeof decideGraphql> =>
  decideGraphql(reader(allowedRepos), Buffer.from(JSON.stringify({ query, variables })));

/** `allowed`, or rule and status of the refusal. */
export const verdict = (...asked: Parameters<typeof ask>): string => {
  const decision = ask(...asked);
  return decision.allowed ? 'allowed' : `${decision.rule} ${decision.status}`;
};

/** The query as it is sent on. */
export const sent = (...asked: Parameters<typeof ask>): string => {
  const decision = ask(...asked);
  return decision.allowed
    ? JSON.parse(String(decision.body)).query.replace(/\s+/g, ' ').trim()
    : decision.reason;
};

/** A selection within the allowed repo. */
export const own = (selection: string): string => `{repository(owner:"acme",name:"app"){${selection}}}`;

/** Rows of a table: what is claimed of a query, the query, and its variables. */
export const rows = (table: readonly (readonly [claim: string, query: string, variables?: unknown])[]) =>
  table.map(([claim, query, variables]) => ({ claim, query, variables }));
