import { expect, test } from 'vitest';
import type { GuardPolicy } from '../../lib/guard/guard-policy.ts';
import { renderGuard } from '../../lib/guard/render-guard.ts';

test.each<[GuardPolicy, string[]]>([
  [{ allowForcePushes: false, allowDeletions: false }, ['refs any', 'force no', 'delete no']],
  [
    { allowedRefs: [], allowForcePushes: true, allowDeletions: false },
    ['refs listed', 'force yes', 'delete no'],
  ],
  [
    { allowedRefs: ['main', 'release/*'], allowForcePushes: false, allowDeletions: true },
    ['refs listed', 'ref main', 'ref release/*', 'force no', 'delete yes'],
  ],
])('%o is written to the policy file as %o', (policy, lines) => {
  expect(renderGuard(policy)).toEqual(lines);
});

test.each(['main\nforce yes', 'a b', '', '$(id)'])(
  'the pattern %j never reaches the policy file',
  (pattern) => {
    expect(() =>
      renderGuard({ allowedRefs: [pattern], allowForcePushes: false, allowDeletions: false }),
    ).toThrow(expect.objectContaining({ code: 'ErrGuardPolicyInvalid' }));
  },
);
