import { DescribeParametersCommand, type ParameterStringFilter, SSMClient } from '@aws-sdk/client-ssm';
import { isMark } from '../broker/destroyed-mark.ts';
import type { SandboxContext } from './context.ts';

/** What a token parameter's Description tells, so that nothing has to be decrypted. */
export interface TokenMetadata {
  readonly parameter: string;
  readonly owner: string;
  /** ISO 8601. */
  readonly mintedAt: string;
  /** ISO 8601. */
  readonly expiresAt: string;
  /** Names without their owner, or how many when there are too many to list, or `all`. */
  readonly repositories: readonly string[] | number | 'all';
  readonly permissions: Readonly<Record<string, string>>;
  /** Why it could not be renewed, for a reason that stays: one of km's error codes, and since when (ISO 8601). */
  readonly failure?: { readonly code: string; readonly at: string };
}

/** What is left of a sandbox's tokens in Parameter Store. */
export interface ParametersLeft {
  readonly tokens: readonly TokenMetadata[];
  /** Parameters that are marked as revoked and stay, since not every token in their history could be revoked. */
  readonly marked: readonly string[];
}

/** The tokens of one sandbox, or of all when no id is given; by the id of their sandbox. Those marked as revoked are none. */
export async function tokenMetadata(
  context: SandboxContext,
  id?: string,
): Promise<ReadonlyMap<string, readonly TokenMetadata[]>> {
  const left = [...(await parametersLeft(context, id))];
  return new Map(left.flatMap(([each, { tokens }]) => (tokens.length > 0 ? [[each, tokens]] : [])));
}

/** The same with what is marked. A parameter that km did not write counts as none. */
export async function parametersLeft(
  context: SandboxContext,
  id?: string,
): Promise<ReadonlyMap<string, ParametersLeft>> {
  const { names } = context;
  const filter: ParameterStringFilter = {
    Key: 'Path',
    Option: 'Recursive',
    Values: [id === undefined ? names.sandboxRoot : names.sandboxPath(id)],
  };
  const found = new Map<string, { tokens: TokenMetadata[]; marked: string[] }>();
  let NextToken: string | undefined;
  do {
    const page = await context.client(SSMClient).send(
      new DescribeParametersCommand({
        ParameterFilters: [filter],
        MaxResults: 50,
        ...(NextToken ? { NextToken } : {}),
      }),
    );
    for (const { Name = '', Description = '' } of page.Parameters ?? []) {
      const sandbox = Name.slice(names.sandboxRoot.length + 1).split('/')[0] ?? '';
      const metadata = parseDescription(Name, Description);
      const marked = isMark({ description: Description });
      if (!metadata && !marked) continue;
      const left = found.get(sandbox) ?? { tokens: [], marked: [] };
      found.set(sandbox, left);
      if (metadata) left.tokens.push(metadata);
      else left.marked.push(Name);
    }
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return found;
}

/** Only the form that km writes: `Date.parse` takes much more, and a time ends up in messages and commands. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;

const isTime = (value: unknown): boolean =>
  typeof value === 'string' && TIME.test(value) && !Number.isNaN(Date.parse(value));

/** What a parameter's Description tells. One that something else wrote there, without km's Description, counts as none. */
export function parseDescription(parameter: string, description: string): TokenMetadata | undefined {
  try {
    const { owner, mintedAt, expiresAt, repositories, permissions, failure } = JSON.parse(description);
    if (typeof owner !== 'string' || ![mintedAt, expiresAt].every(isTime)) return undefined;
    const { code, at } = failure ?? {};
    const failed = typeof code === 'string' && /^Err[A-Za-z]{1,60}$/.test(code) && isTime(at);
    return {
      parameter,
      owner,
      mintedAt,
      expiresAt,
      repositories,
      permissions,
      ...(failed ? { failure: { code, at } } : {}),
    };
  } catch {
    return undefined;
  }
}
