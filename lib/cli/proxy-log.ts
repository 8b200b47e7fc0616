import { readAuditLog } from '../proxy/audit/read-audit-log.ts';
import type { AuditEntry } from '../proxy/audit-entry.ts';
import type { Invocation } from './invocation.ts';
import { auditFile } from './proxy-options.ts';
import { readSince } from './read-since.ts';
import type { Terminal } from './terminal.ts';

/** `km proxy log ID`: what the proxy of a sandbox decided, a line each, the oldest first. */
export async function run(invocation: Invocation): Promise<undefined> {
  const { args, options, terminal } = invocation;
  const name = args[0] ?? '';
  const file = auditFile(invocation, name);
  const since = options.since === undefined ? undefined : readSince(options.since.toString(), Date.now());
  const stopped = new AbortController();
  const stop = () => stopped.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  terminal.streams.stdout.once('close', stop);
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
