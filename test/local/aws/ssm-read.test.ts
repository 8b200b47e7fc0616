import {
  AddTagsToResourceCommand,
  DeleteParameterCommand,
  DeleteParametersCommand,
  DescribeParametersCommand,
  type DescribeParametersCommandInput,
  GetParameterCommand,
  GetParameterHistoryCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  ListTagsForResourceCommand,
  PutParameterCommand,
  type PutParameterCommandInput,
  RemoveTagsFromResourceCommand,
} from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ACCOUNT, type Clients, startTestCloud, type TestCloud } from './test-cloud.ts';

let local: TestCloud;
let ssm: Clients['ssm'];

beforeAll(async () => {
  local = await startTestCloud();
  ({ ssm } = local.clients());
});
afterAll(() => local[Symbol.asyncDispose]());

const put = (input: Partial<PutParameterCommandInput>) =>
  ssm.send(new PutParameterCommand({ Name: '/p', Value: 'v', Type: 'String', ...input }));
const get = async (Name: string, WithDecryption = false) =>
  (await ssm.send(new GetParameterCommand({ Name, WithDecryption }))).Parameter;
const failure = async (attempt: Promise<unknown>): Promise<string> => {
  try {
    await attempt;
    return 'no failure';
  } catch (error) {
    return (error as Error).name;
  }
};

describe('reading many', () => {
  beforeAll(async () => {
    for (const n of [1, 2, 3]) await put({ Name: `/many/${n}`, Value: `${n}`, Type: 'SecureString' });
    await put({ Name: '/many/deep/4', Value: '4', Description: 'fourth' });
    await put({ Name: '/manyother', Value: '5' });
  });

  test('GetParameters answers what there is and names what there is not', async () => {
    const answer = await ssm.send(
      new GetParametersCommand({
        Names: ['/many/1', '/none', '/many/2:9', '/many/3:1'],
        WithDecryption: true,
      }),
    );
    expect(answer.Parameters?.map(({ Value }) => Value)).toEqual(['1', '3']);
    expect(answer.InvalidParameters).toEqual(['/none', '/many/2:9']);
  });

  test('GetParameters takes ten names', async () => {
    const Names = Array.from({ length: 11 }, (_, i) => `/n${i}`);
    expect(await failure(ssm.send(new GetParametersCommand({ Names })))).toBe('ValidationException');
  });

  test.each<[string, boolean, string[]]>([
    ['/many', false, ['/many/1', '/many/2', '/many/3']],
    ['/many/', false, ['/many/1', '/many/2', '/many/3']],
    ['/many', true, ['/many/1', '/many/2', '/many/3', '/many/deep/4']],
    ['/man', true, []],
  ])('GetParametersByPath %s, recursive %s', async (Path, Recursive, names) => {
    const answer = await ssm.send(new GetParametersByPathCommand({ Path, Recursive }));
    expect(answer.Parameters?.map(({ Name }) => Name)).toEqual(names);
  });

  test('GetParametersByPath pages', async () => {
    const first = await ssm.send(
      new GetParametersByPathCommand({ Path: '/many', Recursive: true, MaxResults: 3 }),
    );
    expect(first.Parameters).toHaveLength(3);
    const second = await ssm.send(
      new GetParametersByPathCommand({
        Path: '/many',
        Recursive: true,
        MaxResults: 3,
        NextToken: first.NextToken,
      }),
    );
    expect(second.Parameters?.map(({ Name }) => Name)).toEqual(['/many/deep/4']);
    expect(second.NextToken).toBeUndefined();
    const bad = ssm.send(new GetParametersByPathCommand({ Path: '/many', NextToken: 'x' }));
    expect(await failure(bad)).toBe('InvalidNextToken');
  });

  type Filters = NonNullable<DescribeParametersCommandInput['ParameterFilters']>;
  test.each<[string, Filters, string[]]>([
    ['a path, one level', [{ Key: 'Path', Values: ['/many'] }], ['/many/1', '/many/2', '/many/3']],
    ['a path, recursive', [{ Key: 'Path', Option: 'Recursive', Values: ['/many/deep'] }], ['/many/deep/4']],
    ['a name', [{ Key: 'Name', Values: ['/manyother'] }], ['/manyother']],
    ["a name's beginning", [{ Key: 'Name', Option: 'BeginsWith', Values: ['/manyo'] }], ['/manyother']],
    ['a part of a name', [{ Key: 'Name', Option: 'Contains', Values: ['deep'] }], ['/many/deep/4']],
    [
      'type and path together',
      [
        { Key: 'Type', Values: ['String'] },
        { Key: 'Path', Option: 'Recursive', Values: ['/many'] },
      ],
      ['/many/deep/4'],
    ],
  ])('DescribeParameters filters by %s', async (_, ParameterFilters, names) => {
    const answer = await ssm.send(new DescribeParametersCommand({ ParameterFilters }));
    expect(answer.Parameters?.map(({ Name }) => Name)).toEqual(names);
  });

  test('DescribeParameters tells everything but values', async () => {
    const filter = { Key: 'Name', Values: ['/many/deep/4'] };
    const { Parameters } = await ssm.send(new DescribeParametersCommand({ ParameterFilters: [filter] }));
    expect(Parameters?.[0]).toMatchObject({
      Description: 'fourth',
      Version: 1,
      Tier: 'Standard',
      LastModifiedUser: `arn:aws:iam::${ACCOUNT}:user/admin`,
      LastModifiedDate: expect.any(Date),
    });
    expect(Parameters?.[0]).not.toHaveProperty('Value');
  });

  test.each<[string, Filters, string]>([
    ['key', [{ Key: 'Colour', Values: ['x'] }], 'InvalidFilterKey'],
    ['option', [{ Key: 'Type', Option: 'Contains', Values: ['x'] }], 'InvalidFilterOption'],
    ['value', [{ Key: 'Name' }], 'InvalidFilterValue'],
  ])('a filter %s that is none is refused', async (_, ParameterFilters, code) => {
    expect(await failure(ssm.send(new DescribeParametersCommand({ ParameterFilters })))).toBe(code);
  });
});

describe('history, tags and deletion', () => {
  test('GetParameterHistory tells every version, oldest first', async () => {
    await put({ Name: '/past', Value: 'one', Type: 'SecureString', Description: 'first' });
    await put({ Name: '/past', Value: 'two', Type: 'SecureString', Description: 'second', Overwrite: true });
    const plain = await ssm.send(new GetParameterHistoryCommand({ Name: '/past', WithDecryption: true }));
    expect(plain.Parameters?.map(({ Value, Version, Description }) => [Value, Version, Description])).toEqual(
      [
        ['one', 1, 'first'],
        ['two', 2, 'second'],
      ],
    );
    const sealed = await ssm.send(new GetParameterHistoryCommand({ Name: '/past' }));
    expect(sealed.Parameters?.map(({ Value }) => Value)).not.toContain('one');
  });

  test('keeps the newest 100 versions', async () => {
    for (let n = 1; n <= 101; n++) await put({ Name: '/long', Value: `${n}`, Overwrite: true });
    expect(await failure(get('/long:1'))).toBe('ParameterVersionNotFound');
    expect((await get('/long:2'))?.Value).toBe('2');
  });

  test('tags are put, listed, filtered by and removed', async () => {
    const at = { ResourceType: 'Parameter', ResourceId: '/tagged' } as const;
    await put({ Name: '/tagged', Tags: [{ Key: 'a', Value: '1' }] });
    await ssm.send(new AddTagsToResourceCommand({ ...at, Tags: [{ Key: 'b', Value: '2' }] }));
    await ssm.send(new RemoveTagsFromResourceCommand({ ...at, TagKeys: ['a'] }));
    expect((await ssm.send(new ListTagsForResourceCommand(at))).TagList).toEqual([{ Key: 'b', Value: '2' }]);
    const filter = { Key: 'tag:b', Values: ['2'] };
    const found = await ssm.send(new DescribeParametersCommand({ ParameterFilters: [filter] }));
    expect(found.Parameters?.map(({ Name }) => Name)).toEqual(['/tagged']);
    const missing = ssm.send(new ListTagsForResourceCommand({ ...at, ResourceId: '/none' }));
    expect(await failure(missing)).toBe('InvalidResourceId');
  });

  test('what is deleted is gone, with its history', async () => {
    await put({ Name: '/gone' });
    await ssm.send(new DeleteParameterCommand({ Name: '/gone' }));
    expect(await failure(get('/gone'))).toBe('ParameterNotFound');
    expect(await failure(ssm.send(new DeleteParameterCommand({ Name: '/gone' })))).toBe('ParameterNotFound');
    await put({ Name: '/gone' });
    expect((await get('/gone'))?.Version).toBe(1);
    const answer = await ssm.send(new DeleteParametersCommand({ Names: ['/gone', '/none'] }));
    expect(answer).toMatchObject({ DeletedParameters: ['/gone'], InvalidParameters: ['/none'] });
  });
});

test('an ARN finds the parameter with its slash and its tags: a deny by tag holds for it', async () => {
  await put({ Name: '/tagged-top', Tags: [{ Key: 'closed', Value: 'yes' }] });
  const arn = await local.makeRole('tag-reader', [
    { Effect: 'Allow', Action: 'ssm:GetParameter', Resource: '*' },
    {
      Effect: 'Deny',
      Action: '*',
      Resource: '*',
      Condition: { StringEquals: { 'aws:ResourceTag/closed': 'yes' } },
    },
  ]);
  const reader = local.clients(await local.session(arn)).ssm;
  for (const Name of ['/tagged-top', `arn:aws:ssm:us-east-1:${ACCOUNT}:parameter/tagged-top`]) {
    expect(await failure(reader.send(new GetParameterCommand({ Name })))).toBe('AccessDeniedException');
    expect((await get(Name))?.Name).toBe('/tagged-top');
  }
});
