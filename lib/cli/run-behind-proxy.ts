import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { gitSettings } from '../sandbox/git-settings.ts';
import { githubEndpoints } from '../sandbox/github-endpoints.ts';
import { sandboxProxySource } from '../sandbox/open-proxy-source.ts';
import { proxiedEnvironment } from '../sandbox/proxied-environment.ts';
import { runCommand } from '../sandbox/run-command.ts';
import { makeSandboxHome } from '../sandbox/sandbox-home.ts';
import type { Invocation } from './invocation.ts';
import { sandboxFolder } from './local-environment.ts';
import { packageRoot } from './package-root.ts';
import { auditFile } from './proxy-options.ts';
import { serveProxy } from './serve-proxy.ts';

/** Runs a command as a sandbox behind an egress proxy of its own. The command gets no credential, and no role. */
export async function runBehindProxy(
  invocation: Invocation,
  id: string,
  command: readonly string[],
  onReady: () => void = () => undefined,
): Promise<number> {
  const { env, terminal } = invocation;
  const { context } = await invocation.session();
  const source = await sandboxProxySource(context, id, await githubEndpoints(context, env));
  const folder = sandboxFolder(env, id);
  const home = join(folder, 'home');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const trustFolder = await mkdtemp(join(folder, 'proxy-'));
  try {
    const proxy = await serveProxy({
      source,
      inject: source.tokens !== undefined,
      listen: { host: '127.0.0.1', port: 0 },
      sameUserOnly: true,
      auditFile: auditFile(invocation, id),
      trustFolder,
      env,
      terminal,
      isTalkative: false,
    });
    try {
      const { git } = proxy.github;
      const settings = await readFile(join(packageRoot(), 'scripts', 'sandbox', 'git-settings'), 'utf8');
      await makeSandboxHome(home, id);
      onReady();
      return await runCommand({
        command,
        cwd: process.cwd(),
        onTerminal: terminal.streams.stdin.isTTY ?? false,
        env: proxiedEnvironment({
          id,
          caller: env,
          home,
          gitConfig: gitSettings(settings, { dir: folder, git }),
          url: proxy.url,
          ca: proxy.ca,
          bundle: proxy.bundle,
          github: proxy.github,
        }),
      });
    } finally {
      await proxy.close();
    }
  } finally {
    await rm(trustFolder, { recursive: true, force: true });
  }
}
