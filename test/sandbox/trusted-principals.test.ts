import { expect, test } from 'vitest';
import { trustedPrincipals } from '../../lib/sandbox/trusted-principals.ts';

test.each([
  ['arn:aws:iam::123456789012:user/alice', ['arn:aws:iam::123456789012:user/alice']],
  ['arn:aws:iam::123456789012:user/team/alice', ['arn:aws:iam::123456789012:user/team/alice']],
  [
    'arn:aws:sts::123456789012:assumed-role/Admin/alice@example.com',
    ['arn:aws:iam::123456789012:role/Admin', 'arn:aws:iam::123456789012:role/*/Admin'],
  ],
  [
    'arn:aws-us-gov:sts::123456789012:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/alice',
    [
      'arn:aws-us-gov:iam::123456789012:role/AWSReservedSSO_Admin_0123456789abcdef',
      'arn:aws-us-gov:iam::123456789012:role/*/AWSReservedSSO_Admin_0123456789abcdef',
    ],
  ],
])('%s is trusted by the role it stands for, whatever its path', (caller, patterns) => {
  expect(trustedPrincipals(caller)).toEqual(patterns);
});

test.each([
  'arn:aws:sts::123456789012:federated-user/alice',
  'arn:aws:sts::123456789012:assumed-role/Ad*min/alice',
  'arn:aws:sts::123456789012:assumed-role/Admin,x/alice',
  'arn:aws:iam::123456789012:role/Admin',
  'arn:aws:iam::123456789012:user/alice,arn:aws:iam::123456789012:user/mallory',
  'arn:aws:iam::123456789012:user/*/alice',
  'arn:aws:iam::123456789012:user/alic?',
  'arn:aws:iam::123456789012:user/$/alice',
  '*',
  '',
])('%s is refused, since a role cannot trust it safely', (caller) => {
  expect(() => trustedPrincipals(caller)).toThrow(expect.objectContaining({ code: 'ErrSandboxFailed' }));
});

test("a session's own name may hold a comma, since it is in no pattern", () => {
  expect(trustedPrincipals('arn:aws:sts::123456789012:assumed-role/Admin/doe,jane')).toEqual([
    'arn:aws:iam::123456789012:role/Admin',
    'arn:aws:iam::123456789012:role/*/Admin',
  ]);
});

test('the root user is refused with the reason, since STS lets it assume no role', () => {
  expect(() => trustedPrincipals('arn:aws:iam::123456789012:root')).toThrow(
    'arn:aws:iam::123456789012:root cannot be trusted with a sandbox: the root user can assume no role.',
  );
});
