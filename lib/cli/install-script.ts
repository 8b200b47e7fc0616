import { join } from 'node:path';
import { KmError } from '../errors.ts';
import { findSandbox } from '../sandbox/find-sandbox.ts';
import { githubEndpoints } from '../sandbox/github-endpoints.ts';
import { INSTALL_FORMATS, type InstallFormat, installScript } from '../sandbox/install-script.ts';
import { policyFile } from '../sandbox/policy-file.ts';
import { readKit } from '../sandbox/sandbox-kit.ts';
import type { Invocation } from './invocation.ts';
import { packageRoot } from './package-root.ts';
import { ssmEndpoint } from './ssm-endpoint.ts';

/** `km install-script ID`: what to run in an instance, container or image. It holds no secret. */
export async function run(invocation: Invocation): Promise<undefined> {
  const { args, env, options, terminal } = invocation;
  const format = (options.format ?? 'sh').toString();
  if (!isFormat(format)) {
    throw new KmError('ErrUsage', `--format '${format}' is not one of ${INSTALL_FORMATS.join(', ')}.`);
  }
  const { context } = await invocation.session();
  const [sandbox, github, kit] = await Promise.all([
    findSandbox(context, args[0] ?? ''),
    githubEndpoints(context, env),
    readKit(join(packageRoot(), 'scripts', 'sandbox')),
  ]);
  const policy = policyFile(context, sandbox, { ...github, ssm: ssmEndpoint(context.region, env) });
  const script = installScript({ kit, policy, git: github.git, format });
  if (options.json) terminal.json({ id: sandbox.id, format, script });
  else terminal.streams.stdout.write(script);
}

const isFormat = (format: string): format is InstallFormat =>
  (INSTALL_FORMATS as readonly string[]).includes(format);
