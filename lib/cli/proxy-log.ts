import { KmError } from '../errors.ts';
import { isThereLog } from '../proxy/audit/log-files.ts';
import { readAuditLog } from '../proxy/audit/read-audit-log.ts';
import type { AuditEntry } from '../proxy/audit-entry.ts';
import { explainRefusal } from './explain-file-error.ts';
import type { Invocation } from './invocation.ts';
import { auditFile } from './proxy-options.ts';
import { readSince } from './read-since.ts';
import type { Terminal } from './terminal.ts';

/**
 * `km proxy log ID`: what the proxy of a sandbox decided, a line each, the oldest first. Throws `ErrProxyLogMissing`
 * where there is no log, which `--follow` waits for.
 */
export async function run(invocation: Invocation): Promise<undefined> {
  const name = invocation.args[0] ?? '';
  const file = auditFile(invocation, name);
  const { audit } = invocation.options;
  await show(invocation, name, file).catch((error: unknown) => {
    throw explainRefusal(error, {
      what: `The audit log ${file} cannot be read`,
      remedy:
        audit === undefined
          ? 'Read it as the user that runs the proxy, or name another with --audit.'
          : `It is what --audit ${audit} names: name the file that km proxy --audit writes.`,
    });
  });
}

async function show({ options, terminal }: Invocation, name: string, file: string): Promise<void> {
  const since = options.since === undefined ? undefined : readSince(options.since.toString(), Date.now());
  const stopped = new AbortController();
  const stop = () => stopped.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  terminal.streams.stdout.once('close', stop);
  if (!(await isThereLog(file))) {
    const missing = `There is no audit log ${file}: no proxy has run for ${name} here`;
    if (!options.follow) {
      throw new KmError('ErrProxyLogMissing', `${missing}.`, {
        remedy: 'km proxy and km exec --proxy write one; --audit names one that lies elsewhere.',
      });
    }
    terminal.progress(`${missing} yet; waiting for one.`);
  }
  const entries = readAuditLog(file, {
    denied: options.denied === true,
    follow: options.follow === true,
    signal: stopped.signal,
    ...(since === undefined ? {} : { since }),
  });
  let shown = 0;
  for await (const entry of entries) {
    shown += 1;
    if (options.json) terminal.result(JSON.stringify(entry));
    else terminal.result(line(entry, terminal));
  }
  if (shown === 0 && !options.follow) terminal.progress(`No such decision in ${file}.`);
}

function line(entry: AuditEntry, terminal: Terminal): string {
  const { time, verdict, method, host, path, rule, status, ms, reason, refs = [] } = entry;
  const moved = refs.map(({ ref, oldId, newId }) => `${ref} ${oldId.slice(0, 8)}→${newId.slice(0, 8)}`);
  const parts = [
    time,
    terminal.style(verdict === 'allowed' ? 'green' : 'red', verdict.padEnd(7)),
    `${method} ${host}${path}`,
    ...(moved.length > 0 ? [moved.join(', ')] : []),
    `[${rule}]`,
    ...(verdict === 'denied' ? [reason ?? ''] : [`${status ?? '-'} ${ms}ms`]),
  ];
  return parts.join('  ');
}
