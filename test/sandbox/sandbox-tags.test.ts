import { expect, test } from 'vitest';
import { sandboxTags } from '../../lib/sandbox/sandbox-record.ts';

const createdBy = (arn: string): string | undefined =>
  sandboxTags({ id: 'sb-1234abcd', profile: 'p', createdBy: arn, labels: {} }).find(
    ({ Key }) => Key === 'km:created-by',
  )?.Value;

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_Tag.html */
const TAG_VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u;

test.each([
  [
    'arn:aws:sts::123456789012:assumed-role/Admin/alice@example.com',
    'arn:aws:sts::123456789012:assumed-role/Admin/alice@example.com',
  ],
  [
    'arn:aws:sts::123456789012:assumed-role/Admin/doe,jane',
    'arn:aws:sts::123456789012:assumed-role/Admin/doe_jane',
  ],
  ['arn:aws:iam::123456789012:user/a!b/alice', 'arn:aws:iam::123456789012:user/a_b/alice'],
])('who created a sandbox, %s, becomes a tag value that IAM and KMS take', (arn, value) => {
  expect(createdBy(arn)).toBe(value);
  expect(value).toMatch(TAG_VALUE);
});

test("a path longer than a tag's value is cut", () => {
  const value = createdBy(`arn:aws:iam::123456789012:user/${'p'.repeat(500)}/alice`);
  expect(value).toMatch(TAG_VALUE);
  expect(value).toHaveLength(256);
});
