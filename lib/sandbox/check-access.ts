import type { RefreshEvent } from '../broker/refresh-event.ts';
import { ERROR_FAULTS, type ErrorCode, KmError } from '../errors.ts';
import type { SandboxContext } from './context.ts';
import { invokeRefresher } from './invoke-refresher.ts';

export interface CheckedOwner {
  readonly owner: string;
  readonly installation_id: number;
  readonly repositories: readonly string[] | 'all';
  readonly permissions: Readonly<Record<string, string>>;
}

interface Problem {
  readonly owner?: string;
  readonly code: string;
  readonly message: string;
  readonly remedy?: string;
}

/**
 * Asks the refresher whether GitHub grants this scope: it mints exactly that, and revokes it at once.
 * So the operator proves the App without ever holding its key.
 *
 * Throws the first problem under its code, with every problem in the message.
 */
export async function checkAccess(
  context: SandboxContext,
  scope: Pick<RefreshEvent, 'allowed_repos' | 'permissions'>,
): Promise<readonly CheckedOwner[]> {
  const { owners, problems } = (await invokeRefresher(context, {
    action: 'check',
    allowed_repos: scope.allowed_repos,
    permissions: scope.permissions,
  })) as { owners: readonly CheckedOwner[]; problems: readonly Problem[] };
  const [first] = problems;
  if (first === undefined) return owners;
  const code: ErrorCode = Object.hasOwn(ERROR_FAULTS, first.code)
    ? (first.code as ErrorCode)
    : 'ErrRefreshFailed';
  const remedies = [...new Set(problems.flatMap(({ remedy }) => remedy ?? []))];
  throw new KmError(
    code,
    problems.map(({ message }) => message).join('\n'),
    remedies.length > 0 ? { remedy: remedies.join('\n  ') } : {},
  );
}
