import { randomBytes } from 'node:crypto';
import { checkAppName, checkOrganization, defaultAppName } from '../app/setup-name.ts';
import { appPermissions, isPermissionName } from '../app/setup-permissions.ts';
import { KmError } from '../errors.ts';
import { gitHubHost } from '../github/hosts.ts';
import { PERMISSION_LEVELS, type Permissions } from '../github/permissions.ts';
import { nearestWord } from '../profile/nearest-word.ts';
import { tokenPermissions, VERBS, type Verb } from '../profile/token-permissions.ts';
import type { Invocation } from './invocation.ts';

/** What `km github` was asked for, checked. */
export interface GitHubSetupOptions {
  readonly name: string;
  readonly org?: string;
  readonly permissions: Permissions;
  readonly hostname?: string;
  readonly webhookUrl?: string;
  /** 0: a free one. */
  readonly port: number;
  readonly open: boolean;
  readonly force: boolean;
  /** Nothing was said about the App itself, so that one that only waits to be installed will do. */
  readonly plain: boolean;
}

const SHAPING = ['org', 'name', 'hostname', 'permissions', 'webhookUrl'];

/** Reads the options of `km github`. Throws `ErrUsage` or `ErrGitHubBadHost`. */
export function readGitHubSetupOptions({ options }: Pick<Invocation, 'options'>): GitHubSetupOptions {
  const text = (name: string): string | undefined => options[name]?.toString();
  const [orgText, nameText, hostText, hookText] = ['org', 'name', 'hostname', 'webhookUrl'].map(text);
  const org = orgText === undefined ? undefined : checkOrganization(orgText);
  const hostname = hostText === undefined ? undefined : gitHubHost({ host: hostText }).host;
  const webhookUrl = hookText === undefined ? undefined : readWebhookUrl(hookText);
  return {
    name: nameText === undefined ? defaultAppName(randomBytes, org) : checkAppName(nameText),
    permissions: appPermissions(readPermissions(text('permissions') ?? '')),
    port: readPort(text('port') ?? '0'),
    open: options.open !== false,
    force: options.force === true,
    plain: SHAPING.every((name) => options[name] === undefined),
    ...(org === undefined ? {} : { org }),
    ...(hostname === undefined ? {} : { hostname }),
    ...(webhookUrl === undefined ? {} : { webhookUrl }),
  };
}

const isVerb = (word: string): word is Verb => (VERBS as readonly string[]).includes(word);

/** Reads `comment,review,checks:read`: verbs of a profile, or names of permissions with or without a level. */
export function readPermissions(text: string): Permissions {
  const found: Record<string, 'read' | 'write'> = {};
  const add = (name: string, level: 'read' | 'write') => {
    if (found[name] !== 'write') found[name] = level;
  };
  for (const word of text.split(/[\s,]+/).filter((each) => each !== '')) {
    const [name = '', asked, ...rest] = word.replace('=', ':').split(':');
    if (isVerb(name) && asked === undefined) {
      for (const [each, level] of Object.entries(tokenPermissions([name]))) add(each, level);
      continue;
    }
    if (!isPermissionName(name) || rest.length > 0) throw unknownPermission(word);
    const levels: readonly string[] = PERMISSION_LEVELS[name];
    const level = asked ?? levels.at(-1) ?? '';
    if (!levels.includes(level)) {
      throw new KmError('ErrUsage', `--permissions: '${word}' asks for a level that km does not use.`, {
        remedy: `${name} can be ${levels.join(' or ')}.`,
      });
    }
    add(name, level === 'read' ? 'read' : 'write');
  }
  return found;
}

function unknownPermission(word: string): KmError {
  const known = [...VERBS, ...Object.keys(PERMISSION_LEVELS)];
  const near = nearestWord(word, known);
  return new KmError(
    'ErrUsage',
    `--permissions: '${word}' is neither a verb of a profile nor a permission.`,
    {
      remedy: near ? `Did you mean ${near}?` : `One or more of: ${[...new Set(known)].join(', ')}`,
    },
  );
}

function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new KmError('ErrUsage', `--port '${text}' is not a port: 1 to 65535, or 0 for a free one.`);
}

function readWebhookUrl(text: string): string {
  const url = URL.parse(text);
  if (url?.protocol === 'https:' && url.username === '' && url.password === '') return url.href;
  throw new KmError('ErrUsage', `--webhook-url '${text}' is not an https address without user and password.`);
}
