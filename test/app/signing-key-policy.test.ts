import { expect, test } from 'vitest';
import { signingKeyPolicy } from '../../lib/app/signing-key-policy.ts';

interface Statement {
  readonly Sid: string;
  readonly Effect: string;
  readonly Principal: { readonly AWS: string };
  readonly Action: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const policy = JSON.parse(
  signingKeyPolicy({ partition: 'aws', account: '000000000000', role: 'km-refresher-us-east-1' }),
) as { readonly Statement: readonly Statement[] };

test('only the refresher’s role signs, and only in the way of an App’s JWT', () => {
  const signing = policy.Statement.filter(({ Action }) =>
    Action.some((action) => /kms:(?:Sign|\*)/.test(action)),
  );
  expect(signing).toEqual([
    {
      Sid: 'Sign',
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::000000000000:root' },
      Action: ['kms:Sign'],
      Resource: '*',
      Condition: {
        StringEquals: {
          'aws:PrincipalArn': 'arn:aws:iam::000000000000:role/km-refresher-us-east-1',
          'kms:SigningAlgorithm': 'RSASSA_PKCS1_V1_5_SHA_256',
        },
      },
    },
  ]);
});

test('the account looks after the key and cannot hand its use on by a grant', () => {
  const actions = policy.Statement.filter(({ Condition }) => Condition === undefined).flatMap(
    ({ Action }) => Action,
  );
  expect(actions).toEqual(expect.arrayContaining(['kms:PutKeyPolicy', 'kms:ScheduleKeyDeletion']));
  expect(actions.filter((action) => /Sign$|Verify|Encrypt|Decrypt|CreateGrant|\*/.test(action))).toEqual([]);
});
