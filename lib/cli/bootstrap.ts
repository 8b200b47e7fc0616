import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { KmError } from '../errors.ts';
import type { Invocation } from './invocation.ts';
import { packageRoot } from './package-root.ts';

const STACK = 'KmPlatform';

const NOWHERE = 'none';

/** The stack's parameter for `--alarm-email`: without one, the CDK leaves what the stack has. Throws `ErrUsage`. */
export function alarmParameters(address: unknown): string[] {
  if (address === undefined) return [];
  const email = String(address).trim();
  if (email !== NOWHERE && !/^[^@\s,]+@[^@\s,]+$/.test(email)) {
    throw new KmError('ErrUsage', `--alarm-email '${email}': not one e-mail address.`, {
      remedy: 'km bootstrap --alarm-email ops@example.com',
    });
  }
  return ['--parameters', `AlarmEmail=${email === NOWHERE ? '' : email}`];
}

/** `km bootstrap`: runs the CDK's own bootstrap and deploy for the operator; `--plan` its diff. */
export async function run(invocation: Invocation): Promise<number | undefined> {
  const { options, terminal } = invocation;
  if (options.local || options.state) {
    throw new KmError('ErrUsage', 'The local cloud deploys the platform by itself.', {
      remedy: 'km local up',
    });
  }
  const alarms = alarmParameters(options.alarmEmail);
  const { prefix } = await invocation.session();
  const root = packageRoot();
  const context = ['--context', `prefix=${prefix}`];
  if (options.plan) return cdk(invocation, root, ['diff', STACK, ...alarms, ...context]);
  terminal.progress('preparing this account and region for CDK deployments (cdk bootstrap)');
  const prepared = await cdk(invocation, root, ['bootstrap', ...context]);
  if (prepared !== 0) return 1;
  terminal.progress('deploying the platform stack (cdk deploy)');
  const deploy = ['deploy', STACK, '--require-approval', 'never', ...alarms, ...context];
  if ((await cdk(invocation, root, deploy)) !== 0) return 1;
  if (alarms.length > 0 && options.alarmEmail !== NOWHERE) {
    terminal.progress(`AWS has written to ${options.alarmEmail}: confirm there, or no alarm is mailed`);
  }
  terminal.result('The platform is deployed. Next: km github, then km create PROFILE.');
  return undefined;
}

/** The CDK command line of this package, under this Node, which also runs the CDK app. */
function cdk({ env }: Invocation, root: string, args: readonly string[]): Promise<number> {
  const program = join(
    dirname(createRequire(join(root, 'package.json')).resolve('aws-cdk/package.json')),
    'bin',
    'cdk',
  );
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: root,
      stdio: ['inherit', 'inherit', 'inherit'],
      // The CDK app is TypeScript, which the package's own Node runs; km itself also runs under an older one.
      env: {
        ...env,
        PATH: [join(root, 'node_modules', '.bin'), dirname(process.execPath), env.PATH ?? ''].join(delimiter),
      },
    });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
