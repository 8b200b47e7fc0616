import { constants } from 'node:os';
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
  const stop = stopBySignal();
  const source = await chooseProxySource(invocation);
  const { sandbox } = source.first;
  const inject = options.inject !== false && source.tokens !== undefined;
  const file = auditFile(invocation, sandbox);
  const trustFolder = options.caDir?.toString() ?? join(sandboxFolder(env, sandbox), 'proxy');
  const proxy = await serveProxy({
    source,
    inject,
    listen,
    sameUserOnly: !anyUser,
    auditFile: file,
    trustFolder,
    env,
    terminal,
    isTalkative: true,
    remedies: {
      audit: remedyFor('--audit', options.audit, 'file'),
      trust: remedyFor('--ca-dir', options.caDir, 'folder'),
    },
  });
  const reload = () => void proxy.reload();
  process.on('SIGHUP', reload);
  const ended = stop.whenReady();
  show(invocation, proxy, { sandbox, inject, file });
  await ended;
  process.off('SIGHUP', reload);
  await proxy.close();
}

/** Until the proxy is ready a signal ends the process, as if it were not heard. */
function stopBySignal(): { whenReady(): Promise<void> } {
  let act = (signal: NodeJS.Signals): void => {
    process.kill(process.pid, signal);
    // Process 1 of a container ends by no signal of its own.
    process.exit(128 + constants.signals[signal]);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => act(signal));
  return {
    whenReady: () =>
      new Promise((resolve) => {
        act = () => resolve();
      }),
  };
}

function remedyFor(option: string, given: string | boolean | undefined, kind: 'file' | 'folder'): string {
  return given === undefined
    ? `Name a ${kind} that you may write with ${option}; the default lies below $XDG_STATE_HOME or ~/.local/state.`
    : `It is what ${option} ${given} names: name a ${kind} that you may write.`;
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
