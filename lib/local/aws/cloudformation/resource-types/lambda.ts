import { AwsError } from '../../cloud.ts';
import {
  asMap,
  type Properties,
  pick,
  type ResourceContext,
  type ResourceType,
  required,
  retag,
  sameValue,
  tagMap,
  unlessGone,
} from './resource-type.ts';

const CONFIGURATION = [
  'Description',
  'Environment',
  'Handler',
  'LoggingConfig',
  'MemorySize',
  'Role',
  'Runtime',
  'Timeout',
] as const;

const numbers = (input: Record<string, unknown>, names: readonly string[]): Record<string, unknown> => ({
  ...input,
  ...Object.fromEntries(
    names.filter((name) => input[name] !== undefined).map((name) => [name, Number(input[name])]),
  ),
});

const configuration = (properties: Properties) =>
  numbers(pick(properties, CONFIGURATION), ['MemorySize', 'Timeout']);

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html */
export const lambdaFunction: ResourceType = {
  properties: [...CONFIGURATION, 'Architectures', 'Code', 'FunctionName', 'PackageType', 'Tags'],
  replacing: ['FunctionName', 'PackageType'],
  async create(context, properties) {
    const FunctionName = String(properties.FunctionName ?? context.name(64));
    const made = await context.call('lambda', 'CreateFunction', {
      ...configuration(properties),
      ...pick(properties, ['Architectures', 'PackageType']),
      FunctionName,
      Code: properties.Code,
      Tags: tagMap(context, properties.Tags),
    });
    return { physicalId: FunctionName, attributes: { Arn: made.FunctionArn } };
  },
  async update(context, made, properties, before) {
    const FunctionName = made.physicalId;
    const code = ['Code', 'Architectures'];
    if (!sameValue(pick(properties, code), pick(before, code))) {
      const input = { ...properties.Code, ...pick(properties, ['Architectures']), FunctionName };
      await context.call('lambda', 'UpdateFunctionCode', input);
    }
    if (!sameValue(configuration(properties), configuration(before))) {
      const cleared = { Description: '', Environment: {} };
      const input = { ...cleared, ...configuration(properties), FunctionName };
      await context.call('lambda', 'UpdateFunctionConfiguration', input);
    }
    const Resource = made.attributes.Arn;
    await retag(context, properties, before, {
      tag: (tags) => context.call('lambda', 'TagResource', { Resource, Tags: asMap(tags) }),
      untag: (TagKeys) => context.call('lambda', 'UntagResource', { Resource, TagKeys }),
    });
    return made;
  },
  delete: (context, FunctionName) => unlessGone(context.call('lambda', 'DeleteFunction', { FunctionName })),
};

const putInvokeConfig = (context: ResourceContext, properties: Properties) =>
  context.call(
    'lambda',
    'PutFunctionEventInvokeConfig',
    numbers(pick(properties, eventInvokeConfig.properties), [
      'MaximumEventAgeInSeconds',
      'MaximumRetryAttempts',
    ]),
  );

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-eventinvokeconfig.html */
export const eventInvokeConfig: ResourceType = {
  properties: [
    'FunctionName',
    'Qualifier',
    'DestinationConfig',
    'MaximumEventAgeInSeconds',
    'MaximumRetryAttempts',
  ],
  replacing: ['FunctionName', 'Qualifier'],
  async create(context, properties) {
    await putInvokeConfig(context, properties);
    return { physicalId: `${properties.FunctionName}|${properties.Qualifier}`, attributes: {} };
  },
  async update(context, made, properties) {
    await putInvokeConfig(context, properties);
    return made;
  },
  delete: (context, _, properties) =>
    unlessGone(
      context.call(
        'lambda',
        'DeleteFunctionEventInvokeConfig',
        pick(properties, ['FunctionName', 'Qualifier']),
      ),
    ),
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-eventsourcemapping.html */
export const eventSourceMapping: ResourceType = {
  properties: ['BatchSize', 'Enabled', 'EventSourceArn', 'FunctionName', 'FunctionResponseTypes'],
  replacing: ['EventSourceArn', 'FunctionName'],
  async create(context, properties) {
    const input = numbers(pick(properties, eventSourceMapping.properties), ['BatchSize']);
    const { UUID, EventSourceMappingArn } = await context.call('lambda', 'CreateEventSourceMapping', input);
    return { physicalId: UUID, attributes: { Id: UUID, EventSourceMappingArn } };
  },
  async update(context, made, properties) {
    const changed = numbers(pick(properties, ['BatchSize', 'Enabled']), ['BatchSize']);
    const FunctionResponseTypes = properties.FunctionResponseTypes ?? [];
    const input = { BatchSize: 10, Enabled: true, ...changed, FunctionResponseTypes, UUID: made.physicalId };
    await context.call('lambda', 'UpdateEventSourceMapping', input);
    return made;
  },
  delete: (context, UUID) => unlessGone(context.call('lambda', 'DeleteEventSourceMapping', { UUID })),
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-permission.html */
export const lambdaPermission: ResourceType = {
  properties: ['Action', 'FunctionName', 'Principal', 'SourceAccount', 'SourceArn'],
  replacing: ['Action', 'FunctionName', 'Principal', 'SourceAccount', 'SourceArn'],
  async create(context, properties) {
    const StatementId = context.name(100);
    await context.call('lambda', 'AddPermission', {
      ...pick(properties, lambdaPermission.properties),
      StatementId,
    });
    return { physicalId: StatementId, attributes: { Id: StatementId } };
  },
  async update() {
    throw new AwsError('NotUpdatable', 'Every change of a permission makes a new one');
  },
  delete: (context, StatementId, properties) =>
    unlessGone(
      context.call('lambda', 'RemovePermission', {
        FunctionName: required(properties, 'FunctionName'),
        StatementId,
      }),
    ),
};
