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
  'arn:aws:iam::123456789012:role/Admin',
  '*',
  '',
])('%s is refused, since a role cannot trust it safely', (caller) => {
  expect(() => trustedPrincipals(caller)).toThrow(expect.objectContaining({ code: 'ErrSandboxFailed' }));
});
