import * as z from 'zod/mini';
import { KmError } from '../errors.ts';
import { checkRefPattern } from './check-ref-pattern.ts';

/** What a sandbox may push: the one truth of the pre-push hook, the proxy and the stack's metadata. */
export interface GuardPolicy {
  /** Patterns of the refs that may be pushed to. Absent: any ref. Empty: none. */
  readonly allowedRefs?: readonly string[];
  readonly allowForcePushes: boolean;
  readonly allowDeletions: boolean;
}

const guardPolicySchema = z.strictObject({
  allowedRefs: z.optional(
    z.array(z.string().check(z.refine((pattern) => checkRefPattern(pattern) === undefined))),
  ),
  allowForcePushes: z.boolean(),
  allowDeletions: z.boolean(),
});

const decoded = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
};

/**
 * Reads a guard policy back from the JSON that a sandbox's stack carries. Unknown keys and bad patterns are refused.
 *
 * @throws {KmError} `ErrGuardPolicyInvalid`.
 */
export const parseGuardPolicy = (json: string): GuardPolicy => {
  const { success, data } = guardPolicySchema.safeParse(decoded(json));
  if (!success) {
    throw new KmError(
      'ErrGuardPolicyInvalid',
      `Not a guard policy of km: ${JSON.stringify(json.slice(0, 200))}`,
      {
        remedy: 'Create the sandbox again with km create, which writes the policy itself.',
      },
    );
  }
  const { allowedRefs, allowForcePushes, allowDeletions } = data;
  return { ...(allowedRefs ? { allowedRefs } : {}), allowForcePushes, allowDeletions };
};
