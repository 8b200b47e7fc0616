import {
  Aws,
  CfnOutput,
  DefaultStackSynthesizer,
  type IStackSynthesizer,
  Stack,
  type StackProps,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { VERSION } from '../version.ts';
import { AlarmTopic } from './alarm-topic.ts';
import { Alarms } from './alarms.ts';
import { CloudFormationRole } from './cloudformation-role.ts';
import { ConfigKey } from './config-key.ts';
import { FleetDashboard } from './dashboard.ts';
import { OperatorPolicy } from './operator-policy.ts';
import { platformArns } from './platform-arns.ts';
import { platformNames } from './platform-names.ts';
import { Refresher } from './refresher.ts';
import { SandboxBoundary } from './sandbox-boundary.ts';
import { Scheduling } from './scheduling.ts';
import { SharedKey } from './shared-key.ts';
import { signerParameter } from './signer.ts';

export interface PlatformStackProps extends StackProps {
  /** Default of the template parameter `Prefix`: `km`. */
  readonly prefix?: string;
  /** Folder of the bundled refresher: `index.cjs`. */
  readonly functionCode: string;
}

/**
 * What all sandboxes of an account and region share: the refresher, its queues and keys, the schedule group, the roles
 * that CloudFormation, Scheduler and operators act with, and what tells an operator how the fleet is.
 */
export class PlatformStack extends Stack {
  constructor(scope: Construct, id: string, props: PlatformStackProps) {
    super(scope, id, {
      description: 'km: short-lived, repo-scoped GitHub credentials for sandboxes',
      analyticsReporting: false,
      // Deleting it under living sandboxes would leave tokens that nothing refreshes, and stacks that nothing deletes.
      terminationProtection: true,
      synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }) as IStackSynthesizer,
      ...props,
    });
    const names = platformNames(this, props.prefix);
    const arns = platformArns(names);
    const signer = signerParameter(this);
    const refresherRoleArn = arns.role(names.refresherRole(Aws.REGION));

    const { keyArn: configKeyArn } = new ConfigKey(this, 'ConfigKey', { names, arns, refresherRoleArn });
    const { keyArn: sharedKeyArn } = new SharedKey(this, 'SharedKey', { names, arns, refresherRoleArn });
    const refresher = new Refresher(this, 'Refresher', {
      names,
      arns,
      signer,
      configKeyArn,
      functionCode: props.functionCode,
    });
    const scheduling = new Scheduling(this, 'Scheduling', {
      names,
      arns,
      refresherArn: refresher.function.functionArn,
    });
    const boundary = new SandboxBoundary(this, 'SandboxBoundary', { names, arns });
    const cloudFormationRole = new CloudFormationRole(this, 'CloudFormationRole', {
      names,
      arns,
      platformKeyArns: [configKeyArn, sharedKeyArn],
      boundaryArn: boundary.policyArn,
      schedulerRoleArn: scheduling.roleArn,
    });
    const operatorPolicy = new OperatorPolicy(this, 'OperatorPolicy', {
      names,
      arns,
      sharedKeyArn,
      cloudFormationRoleArn: cloudFormationRole.roleArn,
      logGroupArn: refresher.logGroup.logGroupArn,
    });

    const { topic } = new AlarmTopic(this, 'AlarmTopic', { names, arns });
    const { all: alarms } = new Alarms(this, 'Alarms', { names, topic });
    new FleetDashboard(this, 'Dashboard', { names, alarms });

    // By which km doctor sees a platform that is older than the command line.
    new CfnOutput(this, 'Version', { value: VERSION });
    new CfnOutput(this, 'RefresherArn', { value: refresher.function.functionArn });
    new CfnOutput(this, 'ConfigKeyArn', { value: configKeyArn });
    new CfnOutput(this, 'SharedKeyArn', { value: sharedKeyArn });
    new CfnOutput(this, 'CloudFormationRoleArn', { value: cloudFormationRole.roleArn });
    new CfnOutput(this, 'AlarmTopicArn', { value: topic.topicArn });
    new CfnOutput(this, 'OperatorPolicyArn', { value: operatorPolicy.policyArn });
  }
}
