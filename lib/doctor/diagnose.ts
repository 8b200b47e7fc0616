import type { SandboxContext } from '../sandbox/context.ts';
import { checkSandboxId } from '../sandbox/find-sandbox.ts';
import type { Check } from './check.ts';
import { CHECKS, GATE, PROBE } from './checks.ts';
import type { DoctorOptions } from './facts.ts';
import { gatherFacts } from './gather-facts.ts';
import { type CheckResult, runChecks } from './run-checks.ts';

/** Every check that these options ask for, in order. */
export const checksFor = ({ probe }: Pick<DoctorOptions, 'probe'>): readonly Check[] =>
  probe === undefined ? CHECKS : [...CHECKS, PROBE];

/**
 * Looks at everything that km needs and at the sandboxes. Changes nothing, but for tokens that are minted and revoked
 * at once to ask GitHub. Throws `ErrUsage` for what is not a sandbox id.
 */
export async function diagnose(
  context: SandboxContext,
  options: DoctorOptions & { readonly onResult?: (result: CheckResult) => void },
): Promise<readonly CheckResult[]> {
  for (const id of options.ids) checkSandboxId(id);
  const { onResult } = options;
  return runChecks({
    gate: GATE,
    checks: checksFor(options),
    facts: gatherFacts(context, options),
    ...(onResult ? { onResult } : {}),
  });
}
