import { RemovalPolicy } from 'aws-cdk-lib';
import { CfnAlias, CfnKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { ResourceNames } from '../broker/names.ts';
import { keyPolicy } from './key-policy.ts';
import type { PlatformArns } from './platform-arns.ts';

export interface SharedKeyProps {
  readonly names: ResourceNames;
  readonly arns: PlatformArns;
  readonly refresherRoleArn: string;
}

/** The id of the sandbox that a role is, by the tag that its stack puts on it. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable
const ITS_SANDBOX = '${aws:PrincipalTag/km:sandbox-id}';

/**
 * The one key of all sandboxes with `encryption: shared`. The refresher encrypts and decrypts any token with it; a
 * sandbox's role decrypts its own: the role's tag must be in its name and in the encryption context alike.
 *
 * docs/decisions/shared-encryption.md
 */
export class SharedKey extends Construct {
  readonly keyArn: string;

  constructor(scope: Construct, id: string, { names, arns, refresherRoleArn }: SharedKeyProps) {
    super(scope, id);
    const key = new CfnKey(this, 'Key', {
      description: `GitHub tokens of the sandboxes of ${names.prefix} with shared encryption`,
      enableKeyRotation: true,
      pendingWindowInDays: 30,
      keyPolicy: keyPolicy([
        {
          sid: 'RefreshTokens',
          actions: ['kms:Encrypt', 'kms:Decrypt'],
          roleArn: refresherRoleArn,
          parameterArns: arns.tokenParameters('*'),
        },
        {
          sid: 'ReadOwnTokens',
          actions: ['kms:Decrypt'],
          roleArn: arns.role(names.sandboxRole(ITS_SANDBOX)),
          parameterArns: arns.tokenParameters(ITS_SANDBOX),
        },
      ]),
    });
    // A deleted key can be called back for 30 days; a retained one would cost a dollar a month for good.
    key.applyRemovalPolicy(RemovalPolicy.DESTROY);
    new CfnAlias(this, 'Alias', { aliasName: names.sharedKeyAlias, targetKeyId: key.attrArn });
    this.keyArn = key.attrArn;
  }
}
