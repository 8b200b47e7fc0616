import { Aws, CfnCondition, CfnParameter, Fn, Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnSubscription, Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { ResourceNames } from '../broker/names.ts';
import type { PlatformArns } from './platform-arns.ts';

export interface AlarmTopicProps {
  readonly names: ResourceNames;
  readonly arns: PlatformArns;
}

/**
 * Where every alarm of the platform goes, and from there to the address in the template parameter `AlarmEmail`, once its
 * owner has confirmed it.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
 */
export class AlarmTopic extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, { names, arns }: AlarmTopicProps) {
    super(scope, id);
    const email = new CfnParameter(Stack.of(this), 'AlarmEmail', {
      type: 'String',
      default: '',
      allowedPattern: '^([^@\\s,]+@[^@\\s,]+)?$',
      description: 'Address that the alarms are mailed to; empty: none.',
    }).valueAsString;
    const hasEmail = new CfnCondition(Stack.of(this), 'HasAlarmEmail', {
      expression: Fn.conditionNot(Fn.conditionEquals(email, '')),
    });

    this.topic = new Topic(this, 'Topic', { topicName: names.alarmTopic, enforceSSL: true });
    Validations.of(this.topic).acknowledge({
      id: 'AwsSolutions-SNS2',
      reason:
        "An alarm's text holds no secret. CloudWatch cannot use the key of AWS, and one of our own costs a dollar a month.",
    });
    // With a policy of its own, a topic no longer lets the whole account in.
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'Alarms',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: {
          StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
          ArnLike: { 'aws:SourceArn': arns.of('cloudwatch', `alarm:${names.alarm('*')}`) },
        },
      }),
    );
    const subscription = new CfnSubscription(this, 'Email', {
      topicArn: this.topic.topicArn,
      protocol: 'email',
      endpoint: email,
    });
    subscription.cfnOptions.condition = hasEmail;
  }
}
