import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startCredentialsEndpoint } from '../sandbox/credentials-endpoint.ts';
import { findSandbox } from '../sandbox/find-sandbox.ts';
import { gitSettings } from '../sandbox/git-settings.ts';
import { githubEndpoints } from '../sandbox/github-endpoints.ts';
import { policyFile } from '../sandbox/policy-file.ts';
import { runCommand } from '../sandbox/run-command.ts';
import { sandboxEnvironment } from '../sandbox/sandbox-environment.ts';
import { makeSandboxHome } from '../sandbox/sandbox-home.ts';
import { layOutKit } from '../sandbox/sandbox-kit.ts';
import type { Invocation } from './invocation.ts';
import { sandboxFolder } from './local-environment.ts';
import { packageRoot } from './package-root.ts';
import { ssmEndpoint } from './ssm-endpoint.ts';

/**
 * Runs a command with a sandbox's role, helpers and git settings, and with nothing of the caller's credentials; with
 * `--proxy` behind an egress proxy that lives as long as the command, and without the role. `onReady` is called right
 * before the command starts.
 */
export async function runAsSandbox(
  invocation: Invocation,
  id: string,
  command: readonly string[],
  onReady: () => void = () => undefined,
): Promise<number> {
  if (invocation.options.proxy) {
    const { runBehindProxy } = await import('./run-behind-proxy.ts');
    return runBehindProxy(invocation, id, command, onReady);
  }
  const { env, terminal } = invocation;
  const { context } = await invocation.session();
  const [sandbox, github] = await Promise.all([findSandbox(context, id), githubEndpoints(context, env)]);
  if (sandbox.paused) terminal.warn(`${id} is paused: git has no token until km resume ${id}`);
  const endpoint = await startCredentialsEndpoint(context, sandbox);
  try {
    const scripts = join(packageRoot(), 'scripts', 'sandbox');
    const folder = sandboxFolder(env, id);
    const policy = policyFile(context, sandbox, { ...github, ssm: ssmEndpoint(context.region, env) });
    const home = join(folder, 'home');
    const [kit, settings] = await Promise.all([
      layOutKit({ scripts, policy, folder }),
      readFile(join(scripts, 'git-settings'), 'utf8'),
      makeSandboxHome(home, id),
    ]);
    onReady();
    return await runCommand({
      command,
      cwd: process.cwd(),
      onTerminal: terminal.streams.stdin.isTTY ?? false,
      env: sandboxEnvironment({
        id,
        region: context.region,
        caller: env,
        home,
        kit,
        gitConfig: gitSettings(settings, { dir: kit, git: github.git }),
        credentials: endpoint,
        awsEndpoint: env.AWS_ENDPOINT_URL,
        github,
      }),
    });
  } finally {
    await endpoint.close();
  }
}
