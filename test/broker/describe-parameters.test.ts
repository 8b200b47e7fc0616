import type { SSMClient } from '@aws-sdk/client-ssm';
import { expect, test } from 'vitest';
import { createDescribeParameters } from '../../lib/broker/describe-parameters.ts';
import { refusal } from '../github/refusal.ts';

const answering = (...pages: readonly (object | Error)[]) => {
  const inputs: object[] = [];
  const send = async ({ input }: { readonly input: object }) => {
    inputs.push(input);
    const page = pages[inputs.length - 1];
    if (page instanceof Error) throw page;
    return page;
  };
  return { inputs, describe: createDescribeParameters({ send } as unknown as Pick<SSMClient, 'send'>) };
};

test('Descriptions are read below a path, page by page, fifty at a time', async () => {
  const { inputs, describe } = answering(
    { Parameters: [{ Name: '/s/a', Description: 'one' }], NextToken: 'more' },
    { NextToken: 'still-more' },
    { Parameters: [{ Name: '/s/b' }] },
  );
  expect(await describe('/s')).toEqual([
    { name: '/s/a', description: 'one' },
    { name: '/s/b', description: undefined },
  ]);
  const first = { ParameterFilters: [{ Key: 'Path', Option: 'Recursive', Values: ['/s'] }], MaxResults: 50 };
  expect(inputs).toEqual([first, { ...first, NextToken: 'more' }, { ...first, NextToken: 'still-more' }]);
});

test("a refusal is told in AWS's words", async () => {
  const denied = Object.assign(new Error('not authorized'), { name: 'AccessDeniedException' });
  const { code, message } = await refusal(answering(denied).describe('/s'));
  expect([code, message]).toEqual([
    'ErrAws',
    'DescribeParameters failed: AccessDeniedException: not authorized',
  ]);
});
