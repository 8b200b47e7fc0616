import { iamManagedPolicy, iamPolicy } from './resource-types/iam-policy.ts';
import { iamInstanceProfile, iamRole } from './resource-types/iam-role.ts';
import { kmsAlias, kmsKey } from './resource-types/kms.ts';
import {
  eventInvokeConfig,
  eventSourceMapping,
  lambdaFunction,
  lambdaPermission,
} from './resource-types/lambda.ts';
import { alarm, dashboard, logGroup } from './resource-types/observability.ts';
import type { ResourceType } from './resource-types/resource-type.ts';
import { schedule, scheduleGroup } from './resource-types/scheduling.ts';
import { subscription, topic, topicPolicy } from './resource-types/sns.ts';
import { queue, queuePolicy } from './resource-types/sqs.ts';

/** Every resource type of the local cloud beside custom resources. A template with any other is refused. */
const RESOURCE_TYPES: Readonly<Record<string, ResourceType>> = {
  'AWS::CloudWatch::Alarm': alarm,
  'AWS::CloudWatch::Dashboard': dashboard,
  'AWS::IAM::InstanceProfile': iamInstanceProfile,
  'AWS::IAM::ManagedPolicy': iamManagedPolicy,
  'AWS::IAM::Policy': iamPolicy,
  'AWS::IAM::Role': iamRole,
  'AWS::KMS::Alias': kmsAlias,
  'AWS::KMS::Key': kmsKey,
  'AWS::Lambda::EventInvokeConfig': eventInvokeConfig,
  'AWS::Lambda::EventSourceMapping': eventSourceMapping,
  'AWS::Lambda::Function': lambdaFunction,
  'AWS::Lambda::Permission': lambdaPermission,
  'AWS::Logs::LogGroup': logGroup,
  'AWS::SNS::Subscription': subscription,
  'AWS::SNS::Topic': topic,
  'AWS::SNS::TopicPolicy': topicPolicy,
  'AWS::SQS::Queue': queue,
  'AWS::SQS::QueuePolicy': queuePolicy,
  'AWS::Scheduler::Schedule': schedule,
  'AWS::Scheduler::ScheduleGroup': scheduleGroup,
};

/** The handlers by type name, custom resources included; undefined for a type that the local cloud does not know. */
export function resourceTypes(
  custom: (name: string) => ResourceType,
): (name: string) => ResourceType | undefined {
  return (name) => {
    if (Object.hasOwn(RESOURCE_TYPES, name)) return RESOURCE_TYPES[name];
    return name.startsWith('Custom::') || name === 'AWS::CloudFormation::CustomResource'
      ? custom(name)
      : undefined;
  };
}
