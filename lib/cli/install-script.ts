import { join } from 'node:path';
import { KmError } from '../errors.ts';
import { findSandbox } from '../sandbox/find-sandbox.ts';
import { githubEndpoints } from '../sandbox/github-endpoints.ts';
import { INSTALL_FORMATS, type InstallFormat, installScript } from '../sandbox/install-script.ts';
import { policyFile } from '../sandbox/policy-file.ts';
import { proxyEndpoints } from '../sandbox/proxy-endpoints.ts';
import { proxyKit } from '../sandbox/proxy-kit.ts';
import { proxySidecar } from '../sandbox/proxy-sidecar.ts';
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
  const proxied = options.proxy === true;
  checkGoesTogether(format, proxied);
  const { context } = await invocation.session();
  const scripts = join(packageRoot(), 'scripts');
  const [sandbox, github, kit] = await Promise.all([
    findSandbox(context, args[0] ?? ''),
    githubEndpoints(context, env),
    readKit(join(scripts, 'sandbox')),
  ]);
  const { id } = sandbox;
  const policy = policyFile(context, sandbox, { ...github, ssm: ssmEndpoint(context.region, env) });
  const [named] = proxyEndpoints(github).endpoints;
  let script: string;
  if (format === 'sidecar') script = proxySidecar({ id, policy, github: named });
  else if (proxied) {
    const files = proxyKit({ proxy: await readKit(join(scripts, 'proxy')), sandbox: kit, github: named });
    script = installScript({ kit: files, policy, git: named.git, format, purpose: BEHIND_PROXY });
  } else script = installScript({ kit, policy, git: github.git, format });
  if (options.json) terminal.json({ id, format, script });
  else terminal.streams.stdout.write(script);
}

const BEHIND_PROXY =
  "Installs km's egress proxy, and leaves the users of this machine no way out but through it.";

/** An image has neither units nor firewall rules, and a sidecar is the proxy's alone. */
function checkGoesTogether(format: InstallFormat, proxied: boolean): void {
  if (format === 'dockerfile' && proxied) {
    throw new KmError('ErrUsage', '--format dockerfile does not go with --proxy.', {
      remedy: 'km install-script ID --proxy --format sidecar',
    });
  }
  if (format === 'sidecar' && !proxied) {
    throw new KmError('ErrUsage', '--format sidecar goes with --proxy.', {
      remedy: 'km install-script ID --proxy --format sidecar',
    });
  }
}

const isFormat = (format: string): format is InstallFormat =>
  (INSTALL_FORMATS as readonly string[]).includes(format);
