import type { ResourceNames } from '../../broker/names.ts';
import { tokenParameters } from '../../broker/owner-scopes.ts';
import { REFRESH_MISSED_MS } from '../../broker/refresh-period.ts';
import { formatDuration } from '../../format-duration.ts';
import type { SandboxRecord } from '../../sandbox/sandbox-record.ts';
import { type Check, type Finding, fail, ok, warn } from '../check.ts';
import { type TokenFact, tokenFacts } from '../token-facts.ts';
import { lookedAt } from './sandboxes.ts';

/** Each sandbox's tokens, one an owner: there, km's own, encrypted, minted when, until when. No value is read. */
export const sandboxTokens: Check = {
  id: 'sandbox-token',
  title: 'Sandbox tokens',
  async run(facts) {
    const { sandboxes, each } = await lookedAt(facts);
    const withGitHub = sandboxes.filter(({ event, paused }) => event !== undefined && !paused);
    const resting = sandboxes.filter(({ paused }) => paused);
    if (withGitHub.length + resting.length === 0) return [ok('none to look at')];
    const [tokens, now] = await Promise.all([tokenFacts(facts), facts.startedAt()]);
    const { names } = facts.context;
    const problems: Finding[] = [];
    const fine: Finding[] = [];
    for (const { id } of resting) {
      // One that does not tell its end is marked: left for what could not be revoked.
      const alive = (tokens.get(id) ?? []).some(
        ({ metadata }) => metadata === undefined || Date.parse(metadata.expiresAt) > now,
      );
      const finding = alive
        ? fail(`${id}: is paused, and has a token that may work`, `km revoke ${id}`)
        : ok(`${id}: paused, without a token`);
      (alive ? problems : fine).push({ ...finding, subject: id });
    }
    for (const sandbox of withGitHub) {
      const own = new Map((tokens.get(sandbox.id) ?? []).map((token) => [token.name, token]));
      for (const [owner, parameter] of tokenParameters(
        names,
        sandbox.event ?? { sandbox_id: '', allowed_repos: [] },
      )) {
        const token = own.get(parameter);
        const finding = ofToken({ sandbox, owner, parameter, token, alias: aliasOf(names, sandbox), now });
        (finding.status === 'ok' ? fine : problems).push({ ...finding, subject: sandbox.id });
      }
    }
    if (each) return [...fine, ...problems];
    return [...(fine.length > 0 ? [ok(`${fine.length} work`)] : []), ...problems];
  },
};

const aliasOf = (names: ResourceNames, { id, encryption }: SandboxRecord): string =>
  encryption === 'shared' ? names.sharedKeyAlias : names.keyAlias(id);

interface TokenCase {
  readonly sandbox: SandboxRecord;
  readonly owner: string;
  readonly parameter: string;
  readonly token: TokenFact | undefined;
  readonly alias: string;
  readonly now: number;
}

function ofToken({ sandbox, owner, parameter, token, alias, now }: TokenCase): Finding {
  const { id, keyArn } = sandbox;
  const refresh = `km refresh ${id}`;
  // The refresher takes a sandbox without its parameter for destroyed, and cannot make plain text secret.
  const again = `km destroy ${id}   # then create it again`;
  const named = owner === '*' ? 'its account' : owner;
  if (!token) return fail(`${id}: no token for ${named}`, again);
  if (token.type !== 'SecureString') {
    return fail(
      `${id}: ${parameter} is plain text: whoever may read parameters has it. Revoke what it holds`,
      again,
    );
  }
  if (!token.metadata) {
    return fail(`${id}: ${parameter} was not written by km: it may hold a personal access token`, refresh);
  }
  const keys = [alias, ...(keyArn === undefined ? [] : [keyArn, keyArn.split('/').at(-1)])];
  if (token.keyId !== '' && !keys.includes(token.keyId)) {
    return fail(
      `${id}: ${parameter} is encrypted with ${token.keyId} instead of ${sandbox.encryption === 'shared' ? 'the shared' : 'its own'} key`,
      refresh,
    );
  }
  const { mintedAt, expiresAt } = token.metadata;
  const left = Date.parse(expiresAt) - now;
  const age = formatDuration(now - Date.parse(mintedAt));
  if (left <= 0) return fail(`${id}: the token for ${named} expired ${formatDuration(-left)} ago`, refresh);
  const { failure } = token.metadata;
  if (failure) {
    return fail(
      `${id}: ${named}: cannot be renewed since ${formatDuration(now - Date.parse(failure.at))}: ${failure.code}; the token expires in ${formatDuration(left)}`,
      `km doctor   # what is wrong with the installation; then ${refresh}`,
    );
  }
  const finding = `${id}: ${named}, minted ${age} ago, expires in ${formatDuration(left)}`;
  return now - Date.parse(mintedAt) > REFRESH_MISSED_MS
    ? warn(`${finding}: a refresh was missed`, refresh)
    : ok(finding);
}
