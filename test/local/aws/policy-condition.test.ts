// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables are written like this
import { describe, expect, test } from 'vitest';
import type { PolicyStatement } from '../../../lib/local/aws/cloud.ts';
import { allow, ask, deny, NO_IDENTITY, policy } from './policy-question.ts';

describe('a condition', () => {
  type Condition = NonNullable<PolicyStatement['Condition']>;
  const tags = { 'aws:TagKeys': ['a', 'b'] };
  test.each<[string, Condition, Record<string, string | readonly string[]>, boolean]>([
    [
      'StringEquals holds for the same text',
      { StringEquals: { 'kms:ViaService': 'ssm' } },
      { 'kms:ViaService': 'ssm' },
      true,
    ],
    ['StringEquals minds case', { StringEquals: { k: 'SSM' } }, { k: 'ssm' }, false],
    ['StringEquals knows no wildcard', { StringEquals: { k: 's*' } }, { k: 'ssm' }, false],
    ['StringEquals fails without the key', { StringEquals: { k: 'ssm' } }, {}, false],
    ['StringEqualsIfExists holds without the key', { StringEqualsIfExists: { k: 'ssm' } }, {}, true],
    [
      'StringEqualsIfExists fails on another value',
      { StringEqualsIfExists: { k: 'ssm' } },
      { k: 's3' },
      false,
    ],
    [
      'key names compare without case',
      { StringEquals: { 'KMS:viaservice': 'ssm' } },
      { 'kms:ViaService': 'ssm' },
      true,
    ],
    ['several values are joined by OR', { StringEquals: { k: ['a', 'b'] } }, { k: 'b' }, true],
    ['several keys are joined by AND', { StringEquals: { k: 'a', l: 'b' } }, { k: 'a' }, false],
    [
      'several operators are joined by AND',
      { StringEquals: { k: 'a' }, StringLike: { l: 'b*' } },
      { k: 'a', l: 'c' },
      false,
    ],
    ['StringNotEquals is NOR over its values', { StringNotEquals: { k: ['a', 'b'] } }, { k: 'b' }, false],
    ['StringNotEquals holds without the key', { StringNotEquals: { k: 'a' } }, {}, true],
    ['StringEqualsIgnoreCase ignores case', { StringEqualsIgnoreCase: { k: 'SSM' } }, { k: 'ssm' }, true],
    ['StringLike takes wildcards', { StringLike: { k: 's?m*' } }, { k: 'ssm.x' }, true],
    ['StringNotLike negates it', { StringNotLike: { k: 's*' } }, { k: 'ssm' }, false],
    [
      'ArnLike compares segment by segment',
      { ArnLike: { a: 'arn:aws:iam::*:role/km-*' } },
      { a: 'arn:aws:iam::1:role/km-x' },
      true,
    ],
    [
      'ArnLike lets no * reach over a colon',
      { ArnLike: { a: 'arn:aws:*:role/km-x' } },
      { a: 'arn:aws:iam::1:role/km-x' },
      false,
    ],
    [
      'ArnEquals takes wildcards as ArnLike does',
      { ArnEquals: { a: 'arn:aws:iam::1:role/*' } },
      { a: 'arn:aws:iam::1:role/km-x' },
      true,
    ],
    [
      'ArnNotLike negates it',
      { ArnNotLike: { a: 'arn:aws:iam::1:role/*' } },
      { a: 'arn:aws:iam::1:user/u' },
      true,
    ],
    ['Bool compares true and false', { Bool: { b: true } }, { b: 'true' }, true],
    ['Bool fails without the key', { Bool: { b: 'false' } }, {}, false],
    ['Null true demands that the key is absent', { Null: { k: 'true' } }, { k: 'x' }, false],
    ['Null false demands that it is there', { Null: { k: 'false' } }, { k: 'x' }, true],
    ['NumericLessThanEquals compares numbers', { NumericLessThanEquals: { n: '30' } }, { n: '7' }, true],
    ['NumericGreaterThan compares numbers', { NumericGreaterThan: { n: '7' } }, { n: '30' }, true],
    ['NumericEquals fails on no number', { NumericEquals: { n: '7' } }, { n: 'x' }, false],
    [
      'DateGreaterThan compares times',
      { DateGreaterThan: { t: '2026-01-01T00:00:00Z' } },
      { t: '2026-11-20T00:00:00Z' },
      true,
    ],
    ['DateLessThan takes epoch seconds', { DateLessThan: { t: '1' } }, { t: '2026-11-20T00:00:00Z' }, false],
    ['IpAddress takes a network', { IpAddress: { ip: '10.0.0.0/8' } }, { ip: '10.1.2.3' }, true],
    ['NotIpAddress negates it', { NotIpAddress: { ip: '10.0.0.0/8' } }, { ip: '10.1.2.3' }, false],
    [
      'ForAllValues demands every value',
      { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['a'] } },
      tags,
      false,
    ],
    [
      'ForAllValues holds without the key',
      { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['a'] } },
      {},
      true,
    ],
    ['ForAnyValue demands one value', { 'ForAnyValue:StringEquals': { 'aws:TagKeys': ['a'] } }, tags, true],
    [
      'ForAnyValue fails without the key',
      { 'ForAnyValue:StringEquals': { 'aws:TagKeys': ['a'] } },
      {},
      false,
    ],
    [
      'values may hold policy variables',
      { StringEquals: { k: '${aws:username}' } },
      { k: 'ann', 'aws:username': 'ann' },
      true,
    ],
    [
      'a variable without value matches nothing',
      { StringEquals: { k: '${aws:username}' } },
      { k: '' },
      false,
    ],
    ['an operator that IAM has not never allows', { StringEqual: { k: 'a' } }, { k: 'a' }, false],
  ])('%s', (_, Condition, context, holds) => {
    expect(ask({ identity: [policy(allow({ Condition }))], context })).toBe(holds ? 'allow' : NO_IDENTITY);
  });

  test('on a Deny that IAM could not read still denies', () => {
    const identity = [policy(allow(), deny({ Condition: { StringEqual: { k: 'a' } } }))];
    expect(ask({ identity })).toBe('explicit deny: identity-based policy');
  });
});
