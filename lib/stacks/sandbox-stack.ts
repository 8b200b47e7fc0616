import {
  BootstraplessSynthesizer,
  type CfnResource,
  CustomResource,
  Duration,
  type IStackSynthesizer,
  Stack,
  type StackProps,
  Validations,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { platformArns } from './platform-arns.ts';
import { platformNames } from './platform-names.ts';
import { SandboxKey } from './sandbox-key.ts';
import { sandboxParameters } from './sandbox-parameters.ts';
import { SandboxRole } from './sandbox-role.ts';
import { SandboxSchedules } from './sandbox-schedules.ts';

export interface SandboxStackProps extends StackProps {
  /** Default of the template parameter `Prefix`: `km`. */
  readonly prefix?: string;
}

/**
 * One sandbox: its key, its role, its first token, its schedules. Synthesized once, at build; `km create` sends the
 * template as it is, with the parameters of {@link sandboxParameters}. Commands that change a sandbox have the refresher
 * change some of these: they reach the token and the schedules only, never key or role.
 *
 * Deleting goes the way back: schedules, then the token (which revokes it), then role and key.
 */
export class SandboxStack extends Stack {
  constructor(scope: Construct, id: string, props: SandboxStackProps = {}) {
    super(scope, id, {
      description: 'km: a sandbox and its GitHub credential',
      analyticsReporting: false,
      // Sent as a template's body: no assets, no bootstrap version to look up.
      synthesizer: new BootstraplessSynthesizer() as IStackSynthesizer,
      ...props,
    });
    const names = platformNames(this, props.prefix);
    const arns = platformArns(names);
    const { parameters, conditions } = sandboxParameters(this);
    const { sandboxId, refreshEvent, paused } = parameters;

    const key = new SandboxKey(this, 'Key', { names, arns, parameters, conditions });
    const { role } = new SandboxRole(this, 'Role', {
      names,
      arns,
      parameters,
      conditions,
      keyArn: key.keyArn,
    });

    const token = new CustomResource(this, 'GitHubToken', {
      resourceType: 'Custom::KmGitHubToken',
      serviceToken: arns.refresher,
      serviceTimeout: Duration.minutes(5),
      // Pausing revokes, resuming mints: both are an update of this resource.
      properties: { SandboxId: sandboxId, Event: refreshEvent, Paused: paused },
    });
    token.node.addDependency(key.alias, role);
    Validations.of(token).acknowledge(
      ...['W2502', 'E3005'].map((rule) => ({
        id: `CloudFormation-Validate::${rule}`,
        reason: 'CloudFormation waits for the alias only where there is one.',
      })),
    );
    Validations.of(this).acknowledge({
      id: 'CloudFormation-Validate::W1001',
      reason: 'The key is named only under the condition that it is made under.',
    });
    (token.node.defaultChild as CfnResource).cfnOptions.condition = conditions.hasGitHub;

    new SandboxSchedules(this, 'Schedules', { names, arns, parameters, conditions, token });
  }
}
