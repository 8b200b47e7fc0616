import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { ResourceNames } from '../broker/names.ts';
import { type Grant, policyOf } from './grants.ts';
import { throughParameterStore } from './key-policy.ts';
import type { PlatformArns } from './platform-arns.ts';
import { RetryQueue } from './retry-queue.ts';
import { type Signer, signerGrants } from './signer.ts';

export interface RefresherProps {
  readonly names: ResourceNames;
  readonly arns: PlatformArns;
  readonly signer: Signer;
  readonly configKeyArn: string;
  /** Folder of the bundled function: `index.cjs`. */
  readonly functionCode: string;
}

/** The one function that mints, publishes and revokes tokens, with its role, its log group and its retry queue. */
export class Refresher extends Construct {
  readonly function: LambdaFunction;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: RefresherProps) {
    super(scope, id);
    const { names } = props;
    this.logGroup = new LogGroup(this, 'Logs', {
      logGroupName: names.logGroup,
      retention: RetentionDays.ONE_MONTH,
      // Retained, it would stop the platform from being deployed again under the same name.
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const retryQueue = new RetryQueue(this, 'Retry', { names });
    this.function = new LambdaFunction(this, 'Function', {
      functionName: names.functionName,
      description: 'Mints, publishes and revokes the GitHub tokens of sandboxes.',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: Code.fromAsset(props.functionCode),
      timeout: Duration.seconds(60),
      // It waits for most of its time, and waiting costs by memory: docs/benchmarks.md has the model.
      memorySize: 256,
      environment: { KM_PREFIX: names.prefix, KM_SIGNER: props.signer.name },
      logGroup: this.logGroup,
      role: new Role(this, 'Role', {
        roleName: names.refresherRole(Aws.REGION),
        description:
          'Reads the GitHub App, writes the tokens of sandboxes, changes parameters of their stacks.',
        assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
        inlinePolicies: {
          Refresher: policyOf(this, [
            ...configGrants(props),
            ...signerGrants(props),
            ...sandboxGrants(props),
            ...reconfigureGrants(props),
            retryQueue.grant,
            {
              sid: 'Logs',
              actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
              resources: [this.logGroup.logGroupArn],
            },
          ]),
        },
      }),
    });
    retryQueue.serve(this.function);
  }
}

const configGrants = ({ names, arns }: RefresherProps): Grant[] => [
  {
    sid: 'ReadConfig',
    actions: ['ssm:GetParameters'],
    resources: [
      names.appClientId,
      names.appSlug,
      names.host,
      names.legacyInstallationId,
      names.signingKey,
      names.installation('*'),
    ].map(arns.parameter),
    wildcard: 'One installation id an account, whose names are not known yet.',
  },
  {
    sid: 'ListInstallations',
    actions: ['ssm:GetParametersByPath'],
    resources: [arns.parameter(names.installationsPath)],
  },
];

const sandboxGrants = ({ names, arns }: RefresherProps): Grant[] => [
  {
    sid: 'WriteTokens',
    actions: ['ssm:PutParameter', 'ssm:GetParameterHistory', 'ssm:DeleteParameters'],
    resources: arns.tokenParameters('*'),
    wildcard: 'Tokens of sandboxes, whose ids are not known yet.',
  },
  {
    sid: 'FindTokens',
    actions: ['ssm:GetParametersByPath'],
    resources: [arns.parameter(names.sandboxPath('*'))],
    wildcard: 'Paths of sandboxes, whose ids are not known yet.',
  },
  {
    sid: 'Survey',
    actions: ['ssm:DescribeParameters'],
    resources: ['*'],
    wildcard:
      'Describing parameters knows no resource. It shows when they were written, and never what is in them.',
  },
  // Any key by its ARN: a condition on the key's alias or tags would take up to five minutes to see a new key. The
  // parameter's ARN binds it instead, and each key's own policy decides as well.
  {
    sid: 'UseSandboxKeys',
    actions: ['kms:Encrypt', 'kms:Decrypt'],
    resources: [arns.key('*')],
    wildcard: 'Key ids are random. The encryption context leaves only tokens of sandboxes.',
    conditions: throughParameterStore(arns.tokenParameters('*')),
  },
];

/** Operators may not update stacks: docs/decisions/updates-by-the-refresher.md. */
const reconfigureGrants = ({ names, arns }: RefresherProps): Grant[] => {
  const stacks = {
    resources: [arns.stack('*')],
    wildcard: 'Stacks of sandboxes, whose ids are not known yet.',
  };
  const serviceRole = arns.role(names.cloudFormationRole(Aws.REGION));
  return [
    {
      sid: 'Reconfigure',
      actions: ['cloudformation:UpdateStack'],
      ...stacks,
      conditions: { StringEquals: { 'cloudformation:RoleArn': serviceRole } },
    },
    {
      sid: 'LookAtStacks',
      actions: ['cloudformation:DescribeStacks'],
      ...stacks,
    },
    {
      sid: 'PassCloudFormationRole',
      actions: ['iam:PassRole'],
      resources: [serviceRole],
      conditions: { StringEquals: { 'iam:PassedToService': 'cloudformation.amazonaws.com' } },
    },
  ];
};
