import { expect, test } from 'vitest';
import { type GuardPolicy, parseGuardPolicy } from '../../lib/guard/guard-policy.ts';

test.each<GuardPolicy>([
  { allowForcePushes: false, allowDeletions: true },
  { allowedRefs: [], allowForcePushes: false, allowDeletions: false },
  { allowedRefs: ['main', 'release/*'], allowForcePushes: true, allowDeletions: false },
])('%o comes back from its JSON unchanged', (policy) => {
  expect(parseGuardPolicy(JSON.stringify(policy))).toEqual(policy);
});

test.each([
  'nonsense',
  'null',
  '{}',
  '{"allowForcePushes":false}',
  '{"allowForcePushes":"no","allowDeletions":false}',
  '{"allowedRefs":"main","allowForcePushes":false,"allowDeletions":false}',
  '{"allowedRefs":null,"allowForcePushes":false,"allowDeletions":false}',
  '{"allowedRefs":["a\\nforce yes"],"allowForcePushes":false,"allowDeletions":false}',
  '{"allowForcePushes":false,"allowDeletions":false,"more":1}',
])('%s is not taken for a guard policy', (json) => {
  expect(() => parseGuardPolicy(json)).toThrow(expect.objectContaining({ code: 'ErrGuardPolicyInvalid' }));
});
