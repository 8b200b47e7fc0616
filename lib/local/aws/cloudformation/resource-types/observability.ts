import { ALARM_SETTINGS } from '../../cloudwatch/cloudwatch.ts';
import {
  asMap,
  type Properties,
  pick,
  type ResourceContext,
  type ResourceType,
  required,
  retag,
  tagList,
  tagMap,
  unlessGone,
} from './resource-type.ts';

const setRetention = async (
  context: ResourceContext,
  logGroupName: string,
  properties: Properties,
): Promise<void> => {
  const { RetentionInDays } = properties;
  if (RetentionInDays === undefined) {
    await context.call('logs', 'DeleteRetentionPolicy', { logGroupName });
    return;
  }
  const retentionInDays = Number(RetentionInDays);
  await context.call('logs', 'PutRetentionPolicy', { logGroupName, retentionInDays });
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-loggroup.html */
export const logGroup: ResourceType = {
  properties: ['LogGroupName', 'RetentionInDays', 'Tags'],
  replacing: ['LogGroupName'],
  async create(context, properties) {
    const logGroupName = String(properties.LogGroupName ?? context.name());
    await context.call('logs', 'CreateLogGroup', { logGroupName, tags: tagMap(context, properties.Tags) });
    context.identify(logGroupName);
    if (properties.RetentionInDays !== undefined) await setRetention(context, logGroupName, properties);
    const Arn = `arn:aws:logs:${context.region}:${context.accountId}:log-group:${logGroupName}:*`;
    return { physicalId: logGroupName, attributes: { Arn } };
  },
  async update(context, made, properties, before) {
    await setRetention(context, made.physicalId, properties);
    const resourceArn = String(made.attributes.Arn).replace(/:\*$/, '');
    await retag(context, properties, before, {
      tag: (tags) => context.call('logs', 'TagResource', { resourceArn, tags: asMap(tags) }),
      untag: (tagKeys) => context.call('logs', 'UntagResource', { resourceArn, tagKeys }),
    });
    return made;
  },
  delete: (context, logGroupName) => unlessGone(context.call('logs', 'DeleteLogGroup', { logGroupName })),
};

const putAlarm = (context: ResourceContext, AlarmName: string, properties: Properties) =>
  context.call('monitoring', 'PutMetricAlarm', {
    ...pick(properties, ALARM_SETTINGS),
    AlarmName,
    Tags: tagList(context, properties.Tags),
  });

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-alarm.html */
export const alarm: ResourceType = {
  properties: [...ALARM_SETTINGS, 'AlarmName', 'Tags'],
  replacing: ['AlarmName'],
  async create(context, properties) {
    const AlarmName = String(properties.AlarmName ?? context.name(255));
    await putAlarm(context, AlarmName, properties);
    const Arn = `arn:aws:cloudwatch:${context.region}:${context.accountId}:alarm:${AlarmName}`;
    return { physicalId: AlarmName, attributes: { Arn } };
  },
  async update(context, made, properties) {
    await putAlarm(context, made.physicalId, properties);
    return made;
  },
  delete: (context, name) => unlessGone(context.call('monitoring', 'DeleteAlarms', { AlarmNames: [name] })),
};

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-dashboard.html */
export const dashboard: ResourceType = {
  properties: ['DashboardBody', 'DashboardName'],
  replacing: ['DashboardName'],
  async create(context, properties) {
    const DashboardName = String(properties.DashboardName ?? context.name(255));
    const DashboardBody = required(properties, 'DashboardBody');
    await context.call('monitoring', 'PutDashboard', { DashboardName, DashboardBody });
    return { physicalId: DashboardName, attributes: {} };
  },
  async update(context, made, properties) {
    const DashboardBody = required(properties, 'DashboardBody');
    await context.call('monitoring', 'PutDashboard', { DashboardName: made.physicalId, DashboardBody });
    return made;
  },
  delete: (context, name) =>
    unlessGone(context.call('monitoring', 'DeleteDashboards', { DashboardNames: [name] })),
};
