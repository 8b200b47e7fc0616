import { DescribeParametersCommand, type ParameterStringFilter, SSMClient } from '@aws-sdk/client-ssm';
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

/** The tokens of one sandbox, or of all when no id is given; by the id of their sandbox. */
export async function tokenMetadata(
  context: SandboxContext,
  id?: string,
): Promise<ReadonlyMap<string, readonly TokenMetadata[]>> {
  const { names } = context;
  const filter: ParameterStringFilter = {
    Key: 'Path',
    Option: 'Recursive',
    Values: [id === undefined ? names.sandboxRoot : names.sandboxPath(id)],
  };
  const found = new Map<string, TokenMetadata[]>();
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
      const owner = Name.slice(names.sandboxRoot.length + 1).split('/')[0] ?? '';
      const metadata = parseDescription(Name, Description);
      if (metadata) found.set(owner, [...(found.get(owner) ?? []), metadata]);
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
