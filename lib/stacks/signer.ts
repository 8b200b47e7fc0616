import { CfnCondition, CfnParameter, Fn, type Stack } from 'aws-cdk-lib';
import { Effect } from 'aws-cdk-lib/aws-iam';
import type { ResourceNames } from '../broker/names.ts';
import type { Grant } from './grants.ts';
import { throughParameterStore } from './key-policy.ts';
import type { PlatformArns } from './platform-arns.ts';

/** How the refresher signs as the App, as the template's parameter decides. */
export interface Signer {
  /** `parameter` or `kms`. */
  readonly name: string;
  /** Allow with that signer, Deny with the other. */
  readonly effect: (signer: 'parameter' | 'kms') => Effect;
}

/** Adds the template parameter `Signer` to the platform's stack. See docs/decisions/app-signers.md. */
export const signerParameter = (stack: Stack): Signer => {
  const name = new CfnParameter(stack, 'Signer', {
    type: 'String',
    default: 'parameter',
    allowedValues: ['parameter', 'kms'],
    description:
      "Where the GitHub App's private key is: in Parameter Store, or in KMS, where nobody can read it.",
  }).valueAsString;
  const isKms = new CfnCondition(stack, 'SignsInKms', { expression: Fn.conditionEquals(name, 'kms') });
  return {
    name,
    effect: (signer) => {
      const [inKms, otherwise] = signer === 'kms' ? [Effect.ALLOW, Effect.DENY] : [Effect.DENY, Effect.ALLOW];
      return Fn.conditionIf(isKms.logicalId, inKms, otherwise).toString() as Effect;
    },
  };
};

export interface SignerGrantsProps {
  readonly names: ResourceNames;
  readonly arns: PlatformArns;
  readonly signer: Signer;
  readonly configKeyArn: string;
}

/**
 * How the refresher's role gets at the App's key: it reads the parameter, or it has KMS sign. What the signer does not
 * need is denied, so that with `kms` no parameter with a key can be read, also not one that is left over.
 */
export const signerGrants = ({ names, arns, signer, configKeyArn }: SignerGrantsProps): Grant[] => {
  const keyParameters = [names.privateKey, names.privateKeyCandidate].map(arns.parameter);
  const anyKey = {
    resources: [arns.key('*')],
    wildcard: 'Key ids are random. The condition leaves the aliases of the signing key and of its successor.',
  };
  // The alias in the request is what binds: unlike an alias or a tag of the key, it counts at once, and a rotation
  // moves it to another key. Whether that key may be used is for its own policy to say as well.
  const byAlias = { 'kms:RequestAlias': [names.signingKeyAlias, names.signingKeyCandidateAlias] };
  return [
    {
      sid: 'ReadPrivateKey',
      effect: signer.effect('parameter'),
      actions: ['ssm:GetParameters'],
      resources: keyParameters,
    },
    {
      sid: 'DecryptPrivateKey',
      effect: signer.effect('parameter'),
      actions: ['kms:Decrypt'],
      resources: [configKeyArn],
      conditions: throughParameterStore(keyParameters),
    },
    {
      sid: 'Sign',
      effect: signer.effect('kms'),
      actions: ['kms:Sign'],
      ...anyKey,
      conditions: {
        StringEquals: { ...byAlias, 'kms:SigningAlgorithm': 'RSASSA_PKCS1_V1_5_SHA_256' },
      },
    },
    {
      sid: 'LookAtPublicKey',
      effect: signer.effect('kms'),
      actions: ['kms:GetPublicKey'],
      ...anyKey,
      conditions: { StringEquals: byAlias },
    },
  ];
};
