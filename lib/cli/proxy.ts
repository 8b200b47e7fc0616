import { join } from 'node:path';
import { KmError } from '../errors.ts';
import { chooseProxySource } from './choose-proxy-source.ts';
import type { Invocation } from './invocation.ts';
import { sandboxFolder } from './local-environment.ts';
import { auditFile, readListen } from './proxy-options.ts';
import { type ServedProxy, serveProxy } from './serve-proxy.ts';

/** `km proxy`: the egress proxy of one sandbox, until a signal ends it. SIGHUP has it look for a changed policy. */
export async function run(invocation: Invocation): Promise<undefined> {
  const { args, env, options, terminal } = invocation;
  if (args.length > 0) {
    throw new KmError('ErrUsage', `km proxy takes no '${args[0]}'.`, { remedy: 'km proxy --sandbox ID' });
  }
  const anyUser = options.anyUser === true;
  const listen = readListen(options.listen?.toString() ?? '127.0.0.1:0', { anyUser });
  const ended = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  const source = await chooseProxySource(invocation);
  const { sandbox } = source.first;
  const inject = options.inject !== false && source.tokens !== undefined;
  const file = auditFile(invocation, sandbox);
  const proxy = await serveProxy({
    source,
    inject,
    listen,
    sameUserOnly: !anyUser,
    auditFile: file,
    trustFolder: options.caDir?.toString() ?? join(sandboxFolder(env, sandbox), 'proxy'),
    env,
    terminal,
    isTalkative: true,
  });
  const reload = () => void proxy.reload();
  process.on('SIGHUP', reload);
  show(invocation, proxy, { sandbox, inject, file });
  await ended;
  process.off('SIGHUP', reload);
  await proxy.close();
}

/** One line, so that whoever started it can read where it is. */
function show(
  { options, terminal }: Invocation,
  { url, port, ca, bundle }: ServedProxy,
  { sandbox, inject, file }: { sandbox: string; inject: boolean; file: string },
): void {
  if (options.json) {
    terminal.result(
      JSON.stringify({ sandbox, url, port, ca, bundle, inject, audit: file, pid: process.pid }),
    );
    return;
  }
  const token = inject ? 'puts its token on' : 'without a token of its own';
  terminal.result(`Proxy of ${sandbox} at ${url}, ${token}; trust ${bundle}`);
  terminal.progress(
    `Decisions: km proxy log ${options.audit === undefined ? sandbox : `${sandbox} --audit ${file}`}`,
  );
}
