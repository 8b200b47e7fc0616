import { SANDBOX_ID } from '../../broker/names.ts';
import type { SandboxRecord } from '../../sandbox/sandbox-record.ts';
import { type Check, type Finding, fail, ok, skip } from '../check.ts';
import type { Facts } from '../facts.ts';

/** Up to so many sandboxes, each is told of by itself and may cost a request; past it, only those named by id. */
export const FEW = 20;

export interface LookedAt {
  /** Those that should be whole: not being made, unmade or failed, and there when looking began. */
  readonly sandboxes: readonly SandboxRecord[];
  /** Whether each may be told of by itself. */
  readonly each: boolean;
}

const inMotion = ({ stackStatus }: SandboxRecord): boolean => /_IN_PROGRESS$/.test(stackStatus);
const failed = ({ stackStatus, unreadable }: SandboxRecord): boolean =>
  unreadable === true || /FAILED|^ROLLBACK/.test(stackStatus);

/** The sandboxes that the checks of sandboxes are about. */
export async function lookedAt(facts: Facts): Promise<LookedAt> {
  const { ids } = facts.options;
  const [all, startedAt] = await Promise.all([facts.sandboxes(), facts.startedAt()]);
  const chosen = (ids.length === 0 ? all : all.filter(({ id }) => ids.includes(id))).map(withCheckedKey);
  const sandboxes = chosen.filter(
    (sandbox) => !inMotion(sandbox) && !failed(sandbox) && sandbox.createdAt < startedAt,
  );
  return { sandboxes, each: ids.length > 0 || sandboxes.length <= FEW };
}

const KEY_ARN = /^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/;

/** A stack's output is the word of whoever made the stack, and this one goes into commands to paste. */
function withCheckedKey({ keyArn, ...sandbox }: SandboxRecord): SandboxRecord {
  return keyArn !== undefined && KEY_ARN.test(keyArn) ? { ...sandbox, keyArn } : sandbox;
}

/** Problems if there are any, and one line for the rest. */
export const summed = (problems: readonly Finding[], rest: Finding): readonly Finding[] =>
  problems.length > 0 ? problems : [rest];

/** Whether each sandbox's stack is whole; one that failed holds a key that costs, and can be destroyed. */
export const sandboxStacks: Check = {
  id: 'sandbox-stack',
  title: 'Sandboxes',
  async run(facts) {
    const { ids } = facts.options;
    const all = await facts.sandboxes();
    const missing = ids
      .filter((id) => !all.some((sandbox) => sandbox.id === id))
      .map((id) => ({ ...fail(`no sandbox ${id} in ${facts.context.region}`, 'km list'), subject: id }));
    const chosen = all.filter(({ id }) => ids.length === 0 || ids.includes(id));
    const broken = chosen.filter(failed).map((sandbox): Finding => ofFailed(facts, sandbox));
    const moving = chosen.filter((sandbox) => inMotion(sandbox) && !failed(sandbox));
    const settled = chosen.length - broken.length - moving.length;
    return [
      ...(settled > 0 || missing.length + broken.length + moving.length === 0
        ? [ok(settled === 0 ? 'none' : `${settled} whole`)]
        : []),
      ...moving.map(({ id, stackStatus }) => ({
        ...skip(`${id} is ${stackStatus}`, `km doctor ${id}   # once it has settled`),
        subject: id,
      })),
      ...missing,
      ...broken,
    ];
  },
};

function ofFailed(facts: Facts, { id, stackStatus, stackStatusReason, unreadable }: SandboxRecord): Finding {
  const why = stackStatusReason ? `: ${stackStatusReason}` : '';
  const name = facts.context.names.stackName(id);
  return {
    ...fail(`${id} is ${unreadable ? 'not readable' : stackStatus}${why}`, `km destroy ${id}`),
    subject: id,
    ...(SANDBOX_ID.test(id) && !unreadable ? { fix: { kind: 'delete-stack', id, name } } : {}),
  };
}
