import { App, type AppProps, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { DEFAULT_PREFIX } from '../broker/names.ts';
import { PlatformStack } from './platform-stack.ts';
import { SandboxStack } from './sandbox-stack.ts';

export interface KmAppOptions extends AppProps {
  /** Folder of the bundled refresher: `index.cjs`. */
  readonly functionCode: string;
}

/**
 * The CDK app: `KmPlatform` to deploy, `KmSandbox` to send inline by `km create`. Every synthesis runs cdk-nag, and
 * fails on a finding that has no acknowledged reason.
 *
 * Context `prefix` names the stacks and is the default of their parameter `Prefix`.
 */
export const kmApp = ({ functionCode, ...props }: KmAppOptions) => {
  const app = new App(props);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const prefix: string = app.node.tryGetContext('prefix') ?? DEFAULT_PREFIX;
  const platform = new PlatformStack(app, 'KmPlatform', {
    stackName: `${prefix}-platform`,
    prefix,
    functionCode,
  });
  const sandbox = new SandboxStack(app, 'KmSandbox', { stackName: `${prefix}-sandbox`, prefix });
  return { app, platform, sandbox };
};
