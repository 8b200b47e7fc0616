import type { Broker } from './broker.ts';
import { isDestroyed, isMark } from './destroyed-mark.ts';
import type { ParameterVersion, TokenToWrite } from './parameter-store.ts';
import { copiedDescription, readTokenDescription } from './token-description.ts';
import { type WriteTokenOptions, writeToken } from './write-token.ts';

export interface SettleTokenOptions extends WriteTokenOptions {
  /** The number of the version that the token was written as. */
  readonly version: number;
  /** The parameter is there already: a first version means that the sandbox is gone. */
  readonly mustExist: boolean;
}

export interface SettledToken {
  /** `stands`; `overtaken` by a newer token, or by one of the scope that the stack has set; or the sandbox is `gone`. */
  readonly outcome: 'stands' | 'overtaken' | 'gone';
  /** What was written last: the given token, or the one that it had to give way to. */
  readonly written: TokenToWrite;
  /** Its scope is not, or no longer, the sandbox's. */
  readonly stale: boolean;
}

/**
 * How long a schedule's event may be on its way: 5 minutes in Scheduler and 13 in Lambda's queue, and one in which it is
 * answered. Less than the 20 of a token's overlap. What comes by the retry queue is held to the scope by `ownersToRetry`.
 */
const LATE_MS = 19 * 60_000;

/** An installation token's life, and a minute for clocks that differ: what is older stands for nothing any more. */
const TOKEN_LIFE_MS = 61 * 60_000;

interface Candidate {
  readonly version: ParameterVersion;
  readonly mintedAt: number;
  readonly expiresAt: number;
  readonly scope: string | undefined;
  readonly byStack: boolean;
}

const candidatesOf = (versions: readonly ParameterVersion[]): readonly Candidate[] =>
  versions.flatMap((version) => {
    const described = readTokenDescription(version.description);
    if (described === undefined) return [];
    const { mintedAt, expiresAt, scope, byStack = false } = described;
    return [{ version, mintedAt: Date.parse(mintedAt), expiresAt: Date.parse(expiresAt), scope, byStack }];
  });

/** Whether a token may stand: not one of another scope than the stack has set, by an event that was late. */
const fits = (candidate: Candidate, ruler: Candidate | undefined): boolean =>
  ruler?.scope === undefined ||
  candidate.scope === ruler.scope ||
  candidate.mintedAt > ruler.mintedAt + LATE_MS;

/**
 * Sees to it that the newest token stands in a parameter that was just written: refreshes overlap, arrive twice and out
 * of order, and Parameter Store keeps whatever was written last. See docs/decisions/newest-token-stands.md.
 *
 * IAM: `ssm:GetParameterHistory` on the parameter; when a newer token has to be written again, `kms:Decrypt` and
 * `kms:Encrypt` with its key and `ssm:PutParameter`.
 *
 * @throws {KmError} what `writeToken` and `ParameterStore.history` throw.
 */
export const settleToken = async (
  broker: Pick<Broker, 'store' | 'now' | 'sleep'>,
  token: TokenToWrite,
  options: SettleTokenOptions,
): Promise<SettledToken> => {
  const { name } = token;
  let written = token;
  let stale = false;
  for (let number = options.version; ; number = await writeToken(broker, written, options)) {
    const overtaken = written !== token;
    if (number === 1) {
      const isNew = !options.mustExist && !overtaken;
      return { outcome: isNew ? 'stands' : 'gone', written, stale };
    }
    const versions = await broker.store.history(name, { decrypt: false });
    if (isDestroyed(versions)) return { outcome: 'gone', written, stale };
    const since = broker.now() - TOKEN_LIFE_MS;
    const candidates = candidatesOf(
      versions.filter((version) => version.lastModified > since && !isMark(version)),
    );
    const ruler = candidates.findLast(({ byStack }) => byStack);
    const own = candidates.find(({ version }) => version.version === number);
    stale ||= !overtaken && own !== undefined && !fits(own, ruler);
    const fitting = candidates.filter((candidate) => fits(candidate, ruler));
    const newest = Math.max(...fitting.map(({ expiresAt }) => expiresAt));
    const best = fitting.findLast(({ expiresAt }) => expiresAt === newest);
    const last = fitting.at(-1);
    const lastStands = last?.version.version === versions.at(-1)?.version && last?.expiresAt === newest;
    if (best === undefined || lastStands) {
      return { outcome: overtaken || stale ? 'overtaken' : 'stands', written, stale };
    }
    const opened = (await broker.store.history(name, { decrypt: true })).find(
      ({ version }) => version === best.version.version,
    );
    const described = readTokenDescription(opened?.description);
    if (opened === undefined || described === undefined) return { outcome: 'gone', written, stale };
    const description = copiedDescription(described, described.failure);
    written = { ...token, token: opened.value, description };
  }
};
