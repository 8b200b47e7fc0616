import { resourceNames } from '../../lib/broker/names.ts';

export const ACCOUNT = '111122223333';
export const REGION = 'eu-central-1';

// biome-ignore lint/suspicious/noExplicitAny: a CloudFormation template, as it was synthesized
export type Json = any;

export interface Resource {
  readonly type: string;
  readonly properties: Json;
  readonly dependsOn: readonly string[];
  readonly deletionPolicy: string | undefined;
}

/** A template with its parameters filled in: only the resources and outputs whose conditions hold. */
export interface Filled {
  readonly resources: Readonly<Record<string, Resource>>;
  readonly outputs: Readonly<Record<string, string>>;
}

const PSEUDO: Readonly<Record<string, unknown>> = {
  'AWS::AccountId': ACCOUNT,
  'AWS::Region': REGION,
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
  'AWS::NoValue': undefined,
  'AWS::StackId': `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/the-stack/1234`,
};

const arn = (service: string, resource: string, region = REGION) =>
  `arn:aws:${service}:${region}:${ACCOUNT}:${resource}`;

/** What a resource's Ref and Arn are, by the name that its template gives it. */
const identityOf = (id: string, type: string, properties: Json): { ref: string; arn: string } => {
  const named = (ref: string, resource: string, service: string, region?: string) => ({
    ref,
    arn: arn(service, resource, region),
  });
  switch (type) {
    case 'AWS::IAM::Role':
      return named(properties.RoleName, `role/${properties.RoleName}`, 'iam', '');
    case 'AWS::IAM::ManagedPolicy': {
      const policy = arn('iam', `policy/${properties.ManagedPolicyName}`, '');
      return { ref: policy, arn: policy };
    }
    case 'AWS::KMS::Key':
      return named(id, `key/${id}`, 'kms');
    case 'AWS::SQS::Queue':
      return named(`https://sqs/${properties.QueueName}`, properties.QueueName, 'sqs');
    case 'AWS::Lambda::Function':
      return named(properties.FunctionName, `function:${properties.FunctionName}`, 'lambda');
    case 'AWS::Logs::LogGroup':
      return named(properties.LogGroupName, `log-group:${properties.LogGroupName}:*`, 'logs');
    case 'AWS::SNS::Topic': {
      const topic = arn('sns', properties.TopicName);
      return { ref: topic, arn: topic };
    }
    case 'AWS::CloudWatch::Alarm':
      return named(properties.AlarmName, `alarm:${properties.AlarmName}`, 'cloudwatch');
    default:
      return { ref: id, arn: id };
  }
};

/** Fills a template in as CloudFormation does, with the intrinsic functions that the stacks use and no others. */
export const fill = (template: Json, given: Readonly<Record<string, string>> = {}): Filled => {
  const parameter = (name: string): unknown => {
    const definition = template.Parameters[name];
    const value = given[name] ?? definition.Default;
    if (value === undefined) throw new Error(`no value for parameter ${name}`);
    return definition.Type === 'CommaDelimitedList' ? value.split(',') : value;
  };
  const condition = (expression: Json): boolean => {
    if (expression.Condition) return condition(template.Conditions[expression.Condition]);
    if (expression['Fn::Not']) return !condition(expression['Fn::Not'][0]);
    if (expression['Fn::And']) return expression['Fn::And'].every(condition);
    if (expression['Fn::Equals']) {
      const [left, right] = expression['Fn::Equals'].map(value);
      return left === right;
    }
    throw new Error(`unknown condition ${JSON.stringify(expression)}`);
  };
  const identity = (id: string) => {
    const { Type, Properties } = template.Resources[id];
    const names = [
      'RoleName',
      'ManagedPolicyName',
      'QueueName',
      'FunctionName',
      'LogGroupName',
      'TopicName',
      'AlarmName',
    ];
    const named = Object.fromEntries(names.map((name) => [name, value(Properties?.[name])]));
    return identityOf(id, Type, named);
  };
  const value = (node: Json): Json => {
    if (Array.isArray(node)) return node.map(value).filter((item) => item !== undefined);
    if (typeof node !== 'object' || node === null) return node;
    const [key, argument] = Object.entries<Json>(node)[0] ?? [''];
    if (key === 'Ref') {
      if (argument in PSEUDO) return PSEUDO[argument];
      return argument in template.Parameters ? parameter(argument) : identity(argument).ref;
    }
    if (key === 'Fn::GetAtt') {
      if (argument[1] === 'QueueName') return identity(argument[0]).arn.split(':').at(-1);
      return identity(argument[0]).arn;
    }
    if (key === 'Fn::Join') return value(argument[1]).join(argument[0]);
    if (key === 'Fn::If')
      return value(condition(template.Conditions[argument[0]]) ? argument[1] : argument[2]);
    if (key === 'Fn::Sub')
      return argument.replace(/\$\{([^}]+)\}/g, (_: string, name: string) => PSEUDO[name]);
    if (key.startsWith('Fn::')) throw new Error(`unknown intrinsic function ${key}`);
    return Object.fromEntries(
      Object.entries(node)
        .map(([name, item]) => [name, value(item)])
        .filter(([, item]) => item !== undefined),
    );
  };
  const present = ([, item]: [string, Json]): boolean =>
    item.Condition === undefined || condition({ Condition: item.Condition });
  return {
    resources: Object.fromEntries(
      Object.entries<Json>(template.Resources)
        .filter(present)
        .map(([id, item]) => [
          id,
          {
            type: item.Type,
            properties: value(item.Properties ?? {}),
            dependsOn: item.DependsOn ?? [],
            deletionPolicy: item.DeletionPolicy,
          },
        ]),
    ),
    outputs: Object.fromEntries(
      Object.entries<Json>(template.Outputs)
        .filter(present)
        .map(([id, item]) => [id, value(item.Value)]),
    ),
  };
};

/** The one resource of that type whose properties hold these values. */
export const only = (filled: Filled, type: string, properties: Json = {}): Json => {
  const found = Object.values(filled.resources).filter(
    (resource) =>
      resource.type === type &&
      Object.entries(properties).every(([name, value]) => resource.properties[name] === value),
  );
  if (found.length !== 1 || !found[0]) throw new Error(`${found.length} resources of ${type}`);
  return found[0].properties;
};

/** The key that an alias stands for. */
export const keyNamed = (filled: Filled, AliasName: string): { readonly arn: string; readonly key: Json } => {
  const { TargetKeyId: arn } = only(filled, 'AWS::KMS::Alias', { AliasName });
  const key = filled.resources[arn.split('/').at(-1)];
  if (key === undefined) throw new Error(`${AliasName} stands for no key`);
  return { arn, key: key.properties };
};

export const names = resourceNames();
