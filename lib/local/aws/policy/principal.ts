import type { Caller, PolicyStatement } from '../cloud.ts';

/**
 * How closely a resource policy's statement names a caller: not at all; through the account, which delegates to
 * identity policies; as the role (or anyone), which boundary and session policy still limit; or as the very session or
 * user.
 */
export type Closeness = 'none' | 'account' | 'role' | 'session';

const ORDER: readonly Closeness[] = ['none', 'account', 'role', 'session'];

export const closest = (all: readonly Closeness[]): Closeness =>
  all.reduce((best, one) => (ORDER.indexOf(one) > ORDER.indexOf(best) ? one : best), 'none');

interface Named {
  readonly caller: Caller;
  readonly accountId: string;
  /** Unique ids of the principals as they were when the policy was written. */
  readonly principalIds?: Readonly<Record<string, string>> | undefined;
}

const listOf = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value;

const closenessOfAws = (entry: string, { caller, accountId, principalIds }: Named): Closeness => {
  if (entry === '*') return 'role';
  if (caller.kind === 'service') return 'none';
  if (entry === accountId || entry === `arn:aws:iam::${accountId}:root`) return 'account';
  const id = caller.userId.split(':', 1)[0];
  if (entry === caller.arn) {
    const written = principalIds?.[entry];
    return written === undefined || written === id ? 'session' : 'none';
  }
  if (caller.kind === 'role' && entry === caller.principalArn) {
    const written = principalIds?.[entry];
    return written === undefined || written === id ? 'role' : 'none';
  }
  return entry === id ? 'role' : 'none';
};

/** How closely the statement's Principal or NotPrincipal names the caller. */
export const closenessOf = (statement: PolicyStatement, named: Named): Closeness => {
  const { caller, accountId } = named;
  if (statement.NotPrincipal !== undefined) {
    if (statement.NotPrincipal === '*') return 'none';
    const aws = listOf(statement.NotPrincipal.AWS);
    const services = listOf(statement.NotPrincipal.Service);
    if (caller.kind === 'service') return services.includes(caller.arn) ? 'none' : 'role';
    // An exception for a role holds only when its account, the role and the session are all named.
    const own = [caller.arn, caller.principalArn];
    const account = aws.includes(accountId) || aws.includes(`arn:aws:iam::${accountId}:root`);
    return account && own.every((arn) => aws.includes(arn)) ? 'none' : 'role';
  }
  if (statement.Principal === undefined) return 'none';
  if (statement.Principal === '*') return 'role';
  const services = listOf(statement.Principal.Service);
  if (caller.kind === 'service' && services.includes(caller.arn)) return 'role';
  return closest(listOf(statement.Principal.AWS).map((entry) => closenessOfAws(entry, named)));
};
