import { Aws, CfnOutput, RemovalPolicy } from 'aws-cdk-lib';
import { CfnAlias, CfnKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { ResourceNames } from '../broker/names.ts';
import { keyPolicy } from './key-policy.ts';
import type { PlatformArns } from './platform-arns.ts';

export interface SandboxKeyProps {
  readonly names: ResourceNames;
  readonly arns: PlatformArns;
  readonly sandboxId: string;
  readonly profileName: string;
}

/** The sandbox's own key. The refresher encrypts and decrypts its tokens with it, its role decrypts them, no one else. */
export class SandboxKey extends Construct {
  readonly keyArn: string;
  /** Parameter Store finds the key by it. */
  readonly alias: CfnAlias;

  constructor(scope: Construct, id: string, { names, arns, sandboxId, profileName }: SandboxKeyProps) {
    super(scope, id);
    const parameterArns = arns.tokenParameters(sandboxId);
    const key = new CfnKey(this, 'Key', {
      description: `GitHub tokens of sandbox ${sandboxId} (${profileName})`,
      enableKeyRotation: true,
      pendingWindowInDays: 7,
      keyPolicy: keyPolicy([
        {
          sid: 'RefreshToken',
          actions: ['kms:Encrypt', 'kms:Decrypt'],
          roleArn: arns.role(names.refresherRole(Aws.REGION)),
          parameterArns,
        },
        {
          sid: 'ReadToken',
          actions: ['kms:Decrypt'],
          roleArn: arns.role(names.sandboxRole(sandboxId)),
          parameterArns,
        },
      ]),
      tags: [{ key: 'km:sandbox-id', value: sandboxId }],
    });
    key.overrideLogicalId('Key');
    key.applyRemovalPolicy(RemovalPolicy.DESTROY);
    this.keyArn = key.attrArn;
    this.alias = new CfnAlias(this, 'Alias', {
      aliasName: names.keyAlias(sandboxId),
      targetKeyId: key.attrArn,
    });
    this.alias.overrideLogicalId('KeyAlias');
    new CfnOutput(this, 'Arn', { value: key.attrArn }).overrideLogicalId('KeyArn');
  }
}
