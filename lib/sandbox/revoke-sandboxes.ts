import { KmError } from '../errors.ts';
import type { SandboxContext } from './context.ts';
import type { ListedSandbox } from './list-sandboxes.ts';
import { pauseOnly, revokeTokens } from './pause-sandbox.ts';
import type { ChangeOptions } from './update-stack.ts';

/** Sandboxes whose tokens are revoked side by side. Parameter Store deletes a few a second. */
const REVOKED_AT_ONCE = 10;
/** Stacks changed side by side; CloudFormation throttles more. */
const PAUSED_AT_ONCE = 5;

export interface RevokedSandbox {
  readonly id: string;
  /** Tokens that were alive until now. */
  readonly revoked: number;
  /** Parameters deleted. */
  readonly parameters: readonly string[];
  /** It gets no token until it is resumed. False for what has no stack that could give it one, or where that failed. */
  readonly paused: boolean;
  /** What did not succeed. */
  readonly problems: readonly { readonly code: string; readonly message: string }[];
}

export interface RevokeOptions extends Omit<ChangeOptions, 'id' | 'onEvent'> {
  /** Sandboxes by id; `hasStack` is false for one of which only tokens are left. */
  readonly targets: readonly { readonly id: string; readonly hasStack: boolean }[];
  /** Called for each once its tokens are dead, but for those that a problem tells of. */
  readonly onRevoked?: (id: string, revoked: number) => void;
  /** Called for each once it is paused. */
  readonly onPaused?: (id: string) => void;
}

type Problems = RevokedSandbox['problems'];

/**
 * The kill switch: first every token of every sandbox is revoked, which takes seconds and also stops what would refresh
 * them, since the refresher makes no token anew where there is none. Then the stacks are paused, so that only
 * resuming makes tokens again. One sandbox's problem holds up no other. Doing it again does what is left.
 */
export async function revokeSandboxes(
  context: SandboxContext,
  { targets, onRevoked, onPaused }: RevokeOptions,
): Promise<readonly RevokedSandbox[]> {
  const dead = await inParallel(targets, REVOKED_AT_ONCE, async ({ id }) => {
    const { problems, result: answer } = await tried(() => revokeTokens(context, id));
    if (answer !== undefined) onRevoked?.(id, answer.revoked);
    return {
      id,
      revoked: answer?.revoked ?? 0,
      parameters: answer?.parameters ?? [],
      problems: [...problems, ...(answer?.problems ?? [])],
    };
  });
  return inParallel(dead, PAUSED_AT_ONCE, async (revoked, index) => {
    if (!targets[index]?.hasStack) return { ...revoked, paused: false };
    const { id } = revoked;
    const { problems, result } = await tried(() => pauseOnly(context, { id }));
    const paused = result !== undefined && (result.changed || result.before.paused);
    if (paused) onPaused?.(id);
    return {
      ...revoked,
      paused,
      problems: [...revoked.problems, ...problems],
    };
  });
}

/** Whether a sandbox has, or could have, a token for this account. One of an account that is not known counts. */
export function reaches(
  { owners, tokens }: Pick<ListedSandbox, 'owners' | 'tokens'>,
  owner: string,
): boolean {
  const wanted = owner.toLowerCase();
  const known = tokens.map((token) => token.owner.toLowerCase());
  if (known.includes(wanted) || owners.some((each) => each.toLowerCase() === wanted)) return true;
  return owners.includes('*') && known.every((each) => each === '*');
}

async function tried<T>(
  work: () => Promise<T>,
): Promise<{ readonly result?: T; readonly problems: Problems }> {
  try {
    return { result: await work(), problems: [] };
  } catch (error) {
    const code = error instanceof KmError ? error.code : 'ErrAws';
    return { problems: [{ code, message: error instanceof Error ? error.message : String(error) }] };
  }
}

/** Works on all, so many at once, and returns the results in the order of what they are for. */
async function inParallel<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  const left = [...items.entries()];
  const worker = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      results[next[0]] = await work(next[1], next[0]);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}
