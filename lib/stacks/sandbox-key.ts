import { Aws, CfnOutput, Fn, RemovalPolicy } from 'aws-cdk-lib';
import { CfnAlias, CfnKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { ResourceNames } from '../broker/names.ts';
import { keyPolicy } from './key-policy.ts';
import type { PlatformArns } from './platform-arns.ts';
import type { SandboxConditions, SandboxParameters } from './sandbox-parameters.ts';

export interface SandboxKeyProps {
  readonly names: ResourceNames;
  readonly arns: PlatformArns;
  readonly parameters: SandboxParameters;
  readonly conditions: SandboxConditions;
}

/**
 * The key of the sandbox's tokens. Its own: the refresher encrypts and decrypts its tokens with it, its role decrypts
 * them, no one else. Or none, and the platform's shared key serves: docs/decisions/shared-encryption.md.
 */
export class SandboxKey extends Construct {
  /** Its own key, or the shared one. */
  readonly keyArn: string;
  /** Parameter Store finds the key by it. */
  readonly alias: CfnAlias;

  constructor(scope: Construct, id: string, { names, arns, parameters, conditions }: SandboxKeyProps) {
    super(scope, id);
    const { sandboxId, sharedKeyArn } = parameters;
    const parameterArns = arns.tokenParameters(sandboxId);
    const key = new CfnKey(this, 'Key', {
      // Nothing that `km update` changes: that would take a right to change keys.
      description: `GitHub tokens of sandbox ${sandboxId}`,
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
    key.cfnOptions.condition = conditions.hasOwnKey;
    this.keyArn = Fn.conditionIf(conditions.hasOwnKey.logicalId, key.attrArn, sharedKeyArn).toString();
    this.alias = new CfnAlias(this, 'Alias', {
      aliasName: names.keyAlias(sandboxId),
      targetKeyId: key.attrArn,
    });
    this.alias.overrideLogicalId('KeyAlias');
    this.alias.cfnOptions.condition = conditions.hasOwnKey;
    new CfnOutput(this, 'Arn', { value: this.keyArn }).overrideLogicalId('KeyArn');
  }
}
