import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { KmError } from '../errors.ts';
import { type AuditLog, openAuditLog } from '../proxy/audit/open-audit-log.ts';
import { startEgressProxy } from '../proxy/server/start-proxy.ts';
import type { GitHubEndpoints } from '../sandbox/github-endpoints.ts';
import type { ProxySource } from '../sandbox/open-proxy-source.ts';
import { proxyEndpoints } from '../sandbox/proxy-endpoints.ts';
import { type TrustFiles, writeTrustFiles } from '../sandbox/trust-files.ts';
import { watchPolicy } from '../sandbox/watch-policy.ts';
import { whyNotListening, whyRefused } from '../why-refused.ts';
import { closeToDebuggers } from './close-to-debuggers.ts';
import { explainRefusal } from './explain-file-error.ts';
import type { Terminal } from './terminal.ts';

export interface ServeProxyOptions {
  readonly source: ProxySource;
  readonly inject: boolean;
  readonly listen: { readonly host: string; readonly port: number };
  readonly sameUserOnly: boolean;
  readonly auditFile: string;
  /** The folder for the CA certificate. */
  readonly trustFolder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly terminal: Terminal;
  /** Also says what is no problem: a changed policy. */
  readonly isTalkative: boolean;
  /** What to do where one of the two cannot be written, if an option names it. */
  readonly remedies?: { readonly audit: string; readonly trust: string };
}

export interface ServedProxy extends TrustFiles {
  readonly url: string;
  readonly port: number;
  /** GitHub as the sandbox names it. */
  readonly github: GitHubEndpoints;
  /** Looks for a changed policy now. */
  reload(): Promise<void>;
  close(): Promise<void>;
}

/** Starts the egress proxy in this process, with its audit log and its policy kept up to date. Throws `ErrProxyListen`, `ErrProxyAudit`, `ErrFile`. */
export async function serveProxy(options: ServeProxyOptions): Promise<ServedProxy> {
  const { source, terminal, auditFile, trustFolder, isTalkative } = options;
  closeToDebuggers();
  const audit = await openLog(auditFile, options.remedies?.audit);
  const watched = watchPolicy({
    first: source.first,
    read: source.read,
    every: source.every,
    onChange: ({ sandbox, allowedRepos }) => {
      if (isTalkative)
        terminal.progress(`policy of ${sandbox} changed: ${allowedRepos.join(', ') || 'no GitHub'}`);
    },
    onProblem: (error) => {
      terminal.warn(`the policy in force stays, since the new one cannot be read: ${messageOf(error)}`);
    },
  });
  let closeServer = async (): Promise<void> => undefined;
  const close = async (): Promise<void> => {
    await closeServer();
    await watched.stop();
    await audit.close();
  };
  try {
    const { endpoints, upstream } = proxyEndpoints(source.github);
    const proxy = await startEgressProxy({
      policy: watched.current,
      endpoints,
      ...(upstream === undefined ? {} : { upstream }),
      ...(source.tokens ? { tokens: source.tokens } : {}),
      inject: options.inject,
      listen: options.listen,
      sameUserOnly: options.sameUserOnly,
      audit,
      log: (event, fields) => {
        if (isTalkative) terminal.progress(`${event} ${JSON.stringify(fields ?? {})}`);
      },
      now: () => Date.now(),
    }).catch((error: unknown) => {
      throw notListening(error, options.listen);
    });
    closeServer = () => proxy.close();
    const systemBundle = options.env.SSL_CERT_FILE;
    const files = await writeTrustFiles({ folder: trustFolder, caPem: proxy.caPem, systemBundle }).catch(
      (error: unknown) => {
        const remedy = options.remedies?.trust;
        const what = `The CA certificate cannot be written to ${trustFolder}`;
        throw remedy === undefined ? error : explainRefusal(error, { what, remedy });
      },
    );
    return {
      ...files,
      url: proxy.url,
      port: proxy.port,
      github: endpoints[0],
      reload: watched.reload,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openLog(file: string, remedy: string | undefined): Promise<AuditLog> {
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    return openAuditLog({ file });
  } catch (error) {
    if (remedy === undefined) throw error;
    if (error instanceof KmError)
      throw new KmError(error.code, error.message, { remedy, cause: error.cause });
    const why = whyRefused(error);
    if (why === undefined) throw error;
    const message = `the audit log ${file} cannot be written: ${why}`;
    throw new KmError('ErrProxyAudit', message, { remedy, cause: error });
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function notListening(error: unknown, { host, port }: ServeProxyOptions['listen']): unknown {
  const why = whyNotListening(error);
  if (why === undefined) return error;
  return new KmError('ErrProxyListen', `The proxy cannot listen on ${host}:${port}: ${why}`, {
    remedy: 'Name another with --listen; port 0 takes a free one.',
    cause: error,
  });
}
