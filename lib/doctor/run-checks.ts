import { KmError } from '../errors.ts';
import { explainAwsError, isAccessDenied } from '../sandbox/explain-aws-error.ts';
import { type Check, type Finding, fail, NotLooked, type Status, skip } from './check.ts';
import type { Facts } from './facts.ts';

/** A check and what it found. */
export interface CheckResult {
  readonly id: string;
  readonly title: string;
  readonly findings: readonly Finding[];
}

export interface RunChecksOptions {
  /** Looked at first: when it fails, no other is. */
  readonly gate: Check;
  readonly checks: readonly Check[];
  readonly facts: Facts;
  /** Told as each check ends, in the order of ending. */
  readonly onResult?: (result: CheckResult) => void;
}

/**
 * Runs every check side by side and answers in the order of the table. A check that throws has an answer too: what may
 * not be looked at is skipped with the reason, and what could not be carried out has failed.
 */
export async function runChecks(options: RunChecksOptions): Promise<readonly CheckResult[]> {
  const one = async (check: Check): Promise<CheckResult> => {
    const { id, title } = check;
    const result = { id, title, findings: await check.run(options.facts).catch(explained) };
    options.onResult?.(result);
    return result;
  };
  const gate = await one(options.gate);
  if (worstOf(gate.findings) === 'fail') return [gate];
  return [gate, ...(await Promise.all(options.checks.map(one)))];
}

const BY_WEIGHT: readonly Status[] = ['fail', 'warn', 'skip', 'ok'];

/** The worst status among findings; `ok` when there are none. */
export const worstOf = (findings: readonly Finding[]): Status =>
  BY_WEIGHT.find((status) => findings.some((finding) => finding.status === status)) ?? 'ok';

/** The action that AWS names in its refusal. */
const ACTION = /not authorized to perform: ([a-zA-Z0-9-]+:[a-zA-Z]+)/;

function explained(error: unknown): readonly Finding[] {
  if (error instanceof NotLooked) return [skip(`not looked at: ${error.message}`)];
  if (isAccessDenied(error)) {
    const action = ACTION.exec((error as Error).message)?.[1];
    return [
      skip(
        `not looked at: whoever runs km may not ${action ?? 'look'}`,
        'km bootstrap   # as an administrator: it brings the operator policy up to date',
      ),
    ];
  }
  const known = explainAwsError(error);
  // A fault of km's own must not pass for one of the cloud.
  if (!(known instanceof KmError)) throw error;
  if (known.code === 'ErrPlatformMissing') return [skip('not looked at: the refresher is not there')];
  return [fail(`could not be looked at: ${known.message}`, known.remedy ?? 'km doctor')];
}
