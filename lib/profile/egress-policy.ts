import * as z from 'zod/mini';
import { checkHostName } from './host-name.ts';

/** What the egress proxy lets a sandbox reach beside its repos, as its stack carries it. */
export interface EgressPolicy {
  /** Hosts beside GitHub's, in lower case; `*.example.com` stands for every host below it. */
  readonly allowedHosts: readonly string[];
  /** `read`: queries about allowed repos, no mutations. */
  readonly graphql: 'none' | 'read';
}

/** Nothing beside the repos. */
export const NO_EGRESS: EgressPolicy = { allowedHosts: [], graphql: 'none' };

const isHost = (text: string): boolean => text === text.toLowerCase() && checkHostName(text) === undefined;

const egressSchema = z.strictObject({
  allowedHosts: z.optional(z.array(z.string().check(z.refine(isHost)))),
  graphql: z.optional(z.enum(['none', 'read'])),
});

/** An egress policy as JSON, with nothing in it that is the default. */
export const renderEgressPolicy = ({ allowedHosts, graphql }: EgressPolicy): string =>
  JSON.stringify({
    ...(allowedHosts.length > 0 ? { allowedHosts } : {}),
    ...(graphql === 'read' ? { graphql } : {}),
  });

/** Reads one back from the JSON that a stack carries; `undefined` for what km does not write. */
export const parseEgressPolicy = (json: string): EgressPolicy | undefined => {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return undefined;
  }
  const { success, data } = egressSchema.safeParse(value);
  if (!success) return undefined;
  return { allowedHosts: data.allowedHosts ?? [], graphql: data.graphql ?? 'none' };
};
