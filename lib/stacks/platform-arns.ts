import { Aws } from 'aws-cdk-lib';
import type { ResourceNames } from '../broker/names.ts';

export interface PlatformArns {
  /** The account as a principal: whom its own IAM policies then allow. */
  readonly account: string;
  /** A parameter by its name, which starts with a slash; a path may end in `*`. */
  readonly parameter: (name: string) => string;
  /** Every token parameter of one sandbox: its first owner's, and the further owners'. `*` for all sandboxes. */
  readonly tokenParameters: (id: string) => string[];
  readonly role: (name: string) => string;
  readonly instanceProfile: (name: string) => string;
  readonly policy: (name: string) => string;
  readonly key: (id: string) => string;
  readonly refresher: string;
  readonly schedule: (name: string) => string;
  /** A stack of a sandbox. `*` for all. */
  readonly stack: (id: string) => string;
  /** Makes the ARN of anything else of this account and region. */
  readonly of: (service: string, resource: string) => string;
}

/**
 * The ARNs that the platform and its sandboxes know each other by.
 *
 * They follow from the names, so that no stack imports from another and a sandbox's template needs no look-up.
 */
export const platformArns = (names: ResourceNames): PlatformArns => {
  const of = (service: string, resource: string) =>
    `arn:${Aws.PARTITION}:${service}:${Aws.REGION}:${Aws.ACCOUNT_ID}:${resource}`;
  const iam = (resource: string) => `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:${resource}`;
  const parameter = (name: string) => of('ssm', `parameter${name}`);
  return {
    of,
    account: iam('root'),
    parameter,
    tokenParameters: (id) => [
      parameter(names.tokenParameter(id)),
      parameter(`${names.ownerTokensPath(id)}/*`),
    ],
    role: (name) => iam(`role/${name}`),
    instanceProfile: (name) => iam(`instance-profile/${name}`),
    policy: (name) => iam(`policy/${name}`),
    key: (id) => of('kms', `key/${id}`),
    refresher: of('lambda', `function:${names.functionName}`),
    schedule: (name) => of('scheduler', `schedule/${names.scheduleGroup}/${name}`),
    stack: (id) => of('cloudformation', `stack/${names.stackName(id)}/*`),
  };
};
