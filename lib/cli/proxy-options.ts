import { join } from 'node:path';
import { KmError } from '../errors.ts';
import type { Invocation } from './invocation.ts';
import { stateHome } from './local-environment.ts';

/** An address to listen on; port 0: a free one. */
export interface Listen {
  readonly host: string;
  readonly port: number;
}

const LISTEN = /^(\[[0-9a-fA-F:]+\]|[0-9.]+|localhost):(\d{1,5})$/;
const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|::1|localhost)$/;
/** A sandbox's id, or a profile's name: it becomes a file's. */
const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

/** Reads `--listen ADDRESS:PORT`. Throws `ErrUsage`; also for an address that others reach, unless `--any-user` allows it. */
export function readListen(text: string, options: { readonly anyUser: boolean }): Listen {
  const [, written = '', digits = ''] = LISTEN.exec(text) ?? [];
  const host = written.replace(/^\[|\]$/g, '');
  const port = Number(digits);
  if (host === '' || port > 65_535) {
    throw new KmError('ErrUsage', `--listen '${text}' is no address and port.`, {
      remedy: 'Write 127.0.0.1:3128, or [::1]:3128; port 0 takes a free one.',
    });
  }
  if (!LOOPBACK.test(host) && !options.anyUser) {
    throw new KmError('ErrUsage', `--listen ${text} is reached by others than this user.`, {
      remedy: 'Add --any-user where that is meant, on a network that only the sandbox is in.',
    });
  }
  return { host, port };
}

/** The audit log of a sandbox or profile: `--audit`, else one in km's state. Throws `ErrUsage` for what is no name. */
export function auditFile({ env, options }: Pick<Invocation, 'env' | 'options'>, name: string): string {
  if (!NAME.test(name)) {
    throw new KmError('ErrUsage', `'${name}' is neither a sandbox id nor the name of a profile.`, {
      remedy: 'km list',
    });
  }
  return options.audit?.toString() ?? join(stateHome(env), 'audit', `${name}.jsonl`);
}
