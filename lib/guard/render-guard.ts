import { KmError } from '../errors.ts';
import { checkRefPattern } from './check-ref-pattern.ts';
import type { GuardPolicy } from './guard-policy.ts';

const yesOrNo = (value: boolean): string => (value ? 'yes' : 'no');

/**
 * The guard's lines of a sandbox's policy file, without line ends: `refs any|listed`, a `ref PATTERN` for each,
 * `force yes|no`, `delete yes|no`.
 *
 * @throws {KmError} `ErrGuardPolicyInvalid` for a pattern that `checkRefPattern` refuses, so that none can add a line.
 */
export const renderGuard = (policy: GuardPolicy): readonly string[] => {
  const patterns = policy.allowedRefs ?? [];
  for (const pattern of patterns) {
    const finding = checkRefPattern(pattern);
    if (finding) {
      throw new KmError('ErrGuardPolicyInvalid', `${JSON.stringify(pattern)}: ${finding.message}`, {
        remedy: finding.fix,
      });
    }
  }
  return [
    `refs ${policy.allowedRefs ? 'listed' : 'any'}`,
    ...patterns.map((pattern) => `ref ${pattern}`),
    `force ${yesOrNo(policy.allowForcePushes)}`,
    `delete ${yesOrNo(policy.allowDeletions)}`,
  ];
};
