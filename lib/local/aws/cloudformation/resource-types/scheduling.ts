import {
  type Properties,
  pick,
  type ResourceContext,
  type ResourceType,
  required,
  retag,
  tagList,
  unlessGone,
} from './resource-type.ts';

const SCHEDULE = [
  'Description',
  'EndDate',
  'FlexibleTimeWindow',
  'GroupName',
  'Name',
  'ScheduleExpression',
  'ScheduleExpressionTimezone',
  'StartDate',
  'State',
  'Target',
] as const;

const scheduleInput = (properties: Properties, Name: string) => {
  const target = properties.Target ?? {};
  const RetryPolicy = Object.fromEntries(
    Object.entries(target.RetryPolicy ?? {}).map(([name, value]) => [name, Number(value)]),
  );
  return {
    ...pick(properties, SCHEDULE),
    Name,
    Target: { ...target, ...(target.RetryPolicy === undefined ? {} : { RetryPolicy }) },
  };
};

const scheduleId = (context: ResourceContext, properties: Properties): string =>
  String(properties.Name ?? context.name(64));

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-scheduler-schedule.html */
export const schedule: ResourceType = {
  properties: SCHEDULE,
  replacing: ['Name', 'GroupName'],
  async create(context, properties) {
    const Name = scheduleId(context, properties);
    required(properties, 'ScheduleExpression');
    const { ScheduleArn } = await context.call(
      'scheduler',
      'CreateSchedule',
      scheduleInput(properties, Name),
    );
    context.identify(Name);
    // CloudFormation reads back what it made: whoever may create schedules must be allowed to look at them
    await context.call('scheduler', 'GetSchedule', { Name, ...pick(properties, ['GroupName']) });
    return { physicalId: Name, attributes: { Arn: ScheduleArn } };
  },
  async update(context, made, properties) {
    await context.call('scheduler', 'UpdateSchedule', scheduleInput(properties, made.physicalId));
    return made;
  },
  delete: (context, Name, properties) =>
    unlessGone(context.call('scheduler', 'DeleteSchedule', { Name, ...pick(properties, ['GroupName']) })),
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-scheduler-schedulegroup.html */
export const scheduleGroup: ResourceType = {
  properties: ['Name', 'Tags'],
  replacing: ['Name'],
  async create(context, properties) {
    const Name = scheduleId(context, properties);
    const Tags = tagList(context, properties.Tags);
    const { ScheduleGroupArn } = await context.call('scheduler', 'CreateScheduleGroup', { Name, Tags });
    return { physicalId: Name, attributes: { Arn: ScheduleGroupArn } };
  },
  async update(context, made, properties, before) {
    const ResourceArn = made.attributes.Arn;
    await retag(context, properties, before, {
      tag: (Tags) => context.call('scheduler', 'TagResource', { ResourceArn, Tags }),
      untag: (TagKeys) => context.call('scheduler', 'UntagResource', { ResourceArn, TagKeys }),
    });
    return made;
  },
  delete: (context, Name) => unlessGone(context.call('scheduler', 'DeleteScheduleGroup', { Name })),
};
