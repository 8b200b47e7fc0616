import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ReadAuditLogOptions, readAuditLog } from '../../../lib/proxy/audit/read-audit-log.ts';
import type { AuditEntry } from '../../../lib/proxy/audit-entry.ts';

export const START = Date.parse('2026-11-20T10:00:00.000Z');

/** The decision of second `number`; every third is a refusal. */
export const entryOf = (number: number, changes: Partial<AuditEntry> = {}): AuditEntry => ({
  time: new Date(START + number * 1000).toISOString(),
  sandbox: 'sb-1234abcd',
  method: 'GET',
  host: 'github.com',
  path: `/${number}`,
  verdict: number % 3 === 0 ? 'denied' : 'allowed',
  rule: number % 3 === 0 ? 'repo' : 'git-read',
  bytes: { sent: 0, received: number },
  ms: 5,
  ...changes,
});

export interface Folder extends AsyncDisposable {
  readonly file: string;
  readonly folder: string;
}

export const makeFolder = async (): Promise<Folder> => {
  const folder = await mkdtemp(join(tmpdir(), 'km-audit-'));
  return {
    folder,
    file: join(folder, 'audit.log'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
};

export const pathsOf = async (file: string, options: ReadAuditLogOptions = {}): Promise<string[]> => {
  const paths: string[] = [];
  for await (const { path } of readAuditLog(file, options)) paths.push(path);
  return paths;
};
