import { RemovalPolicy } from 'aws-cdk-lib';
import { CfnAlias, CfnKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { ResourceNames } from '../broker/names.ts';
import { keyPolicy } from './key-policy.ts';
import type { PlatformArns } from './platform-arns.ts';

export interface ConfigKeyProps {
  readonly names: ResourceNames;
  readonly arns: PlatformArns;
  readonly refresherRoleArn: string;
}

/** The key of the GitHub App's private key: administrators may store one with it, only the refresher may read it. */
export class ConfigKey extends Construct {
  readonly keyArn: string;

  constructor(scope: Construct, id: string, { names, arns, refresherRoleArn }: ConfigKeyProps) {
    super(scope, id);
    const parameterArns = [names.privateKey, names.privateKeyCandidate].map(arns.parameter);
    const key = new CfnKey(this, 'Key', {
      description: `Encrypts the GitHub App's private key of ${names.prefix}`,
      enableKeyRotation: true,
      pendingWindowInDays: 30,
      keyPolicy: keyPolicy([
        { sid: 'StorePrivateKey', actions: ['kms:Encrypt'], parameterArns },
        {
          sid: 'ReadPrivateKey',
          actions: ['kms:Decrypt'],
          roleArn: refresherRoleArn,
          parameterArns,
        },
      ]),
    });
    // A deleted key can be called back for 30 days; a retained one would cost a dollar a month for good.
    key.applyRemovalPolicy(RemovalPolicy.DESTROY);
    new CfnAlias(this, 'Alias', { aliasName: names.configKeyAlias, targetKeyId: key.attrArn });
    this.keyArn = key.attrArn;
  }
}
