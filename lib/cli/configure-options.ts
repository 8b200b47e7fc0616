import { type GivenKey, readKeyFile, readKeyStream } from '../app/read-key-file.ts';
import { KmError } from '../errors.ts';
import { gitHubHost } from '../github/hosts.ts';
import type { Invocation } from './invocation.ts';

/** What `km configure github` was asked for, each checked for itself. */
export interface ConfigureOptions {
  readonly setup: boolean;
  readonly discover: boolean;
  readonly prune: boolean;
  readonly rotateKey: boolean;
  readonly signer?: 'parameter' | 'kms';
  readonly account?: string;
  readonly installationId?: number;
  readonly clientId?: string;
  readonly keyFile?: string;
  readonly host?: string;
  readonly force: boolean;
  readonly dryRun: boolean;
  /** What is missing is named by its flags, never asked for. */
  readonly nonInteractive: boolean;
  /** Whether there is a terminal to ask on. */
  readonly interactive: boolean;
}

/** The path that stands for standard input. */
const STDIN = '-';

/** What a key from there is called. */
export const STDIN_SOURCE = 'standard input';

const LOGIN = /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98}[A-Za-z0-9])?$/;
const CLIENT_ID = /^[A-Za-z0-9._-]{1,100}$/;
const ID = /^[1-9]\d{0,14}$/;

/** What is wrong with a client id, for a flag and a prompt alike; `undefined` when nothing is. */
export const clientIdProblem = (text: string): string | undefined =>
  CLIENT_ID.test(text) ? undefined : 'a client id looks like Iv23li0123456789abcd, an App id like 123456';

/** The same for a host. */
export function hostProblem(text: string): string | undefined {
  try {
    gitHubHost({ host: text });
    return undefined;
  } catch (error) {
    if (error instanceof KmError) return `${error.message}. ${error.remedy}`;
    throw error;
  }
}

/** Reads the options. Throws `ErrUsage` for a value that none can have, and for flags that do not go together. */
export function readConfigureOptions({ options, terminal }: Invocation): ConfigureOptions {
  const flag = (name: string): boolean => options[name] === true;
  const checked = (name: string, flagName: string, problem: (text: string) => string | undefined) => {
    const value = options[name]?.toString().trim();
    if (value === undefined) return undefined;
    const found = value === '' ? 'a value is missing' : problem(value);
    if (found !== undefined) throw new KmError('ErrUsage', `${flagName} '${value}': ${found}.`);
    return value;
  };
  const account = checked('account', '--account', (text) =>
    LOGIN.test(text) ? undefined : 'not the login of a user or an organization',
  );
  const id = checked('installationId', '--installation-id', (text) =>
    ID.test(text) ? undefined : "a number, as at the end of the address of the installation's settings",
  );
  const clientId = checked('appClientId', '--app-client-id', clientIdProblem);
  const keyFile = checked('privateKeyFile', '--private-key-file', () => undefined);
  const host = checked('hostname', '--hostname', hostProblem);
  const signer = checked('signer', '--signer', (text) =>
    text === 'kms' || text === 'parameter' ? undefined : 'kms or parameter',
  );
  const { stdin, stderr } = terminal.streams;
  const read: ConfigureOptions = {
    setup: flag('setup'),
    discover: flag('discover'),
    prune: flag('prune'),
    rotateKey: flag('rotateKey'),
    force: flag('force'),
    dryRun: flag('dryRun'),
    nonInteractive: flag('nonInteractive'),
    interactive:
      !flag('nonInteractive') && keyFile !== STDIN && stdin.isTTY === true && stderr.isTTY === true,
    ...(signer === undefined ? {} : { signer: signer as 'parameter' | 'kms' }),
    ...(account === undefined ? {} : { account }),
    ...(id === undefined ? {} : { installationId: Number(id) }),
    ...(clientId === undefined ? {} : { clientId }),
    ...(keyFile === undefined ? {} : { keyFile }),
    ...(host === undefined ? {} : { host: gitHubHost({ host }).host }),
  };
  checkTogether(read);
  return read;
}

/** The key of `--private-key-file`; `-` reads standard input. Throws `ErrGitHubBadKey`. */
export async function readGivenKeyFile({ terminal }: Invocation, path: string): Promise<GivenKey> {
  const key = path === STDIN ? await readKeyStream(terminal.streams.stdin, STDIN_SOURCE) : readKeyFile(path);
  for (const warning of key.warnings) terminal.warn(warning);
  return key;
}

function checkTogether(options: ConfigureOptions): void {
  const usage = (message: string, remedy?: string) =>
    new KmError('ErrUsage', message, remedy === undefined ? {} : { remedy });
  const { setup, rotateKey, signer, discover, prune } = options;
  const named = [
    ...(options.account === undefined ? [] : ['--account']),
    ...(options.installationId === undefined ? [] : ['--installation-id']),
    ...(options.clientId === undefined ? [] : ['--app-client-id']),
  ];
  if (prune && !discover) throw usage('--prune removes what --discover finds gone: --discover --prune.');
  const alone = [
    ...(setup ? ['--setup'] : []),
    ...(rotateKey ? ['--rotate-key'] : []),
    ...(signer === undefined ? [] : ['--signer']),
  ];
  if (alone.length > 1) throw usage(`${alone.join(' and ')} do not go together.`);
  const [only] = alone;
  if (only === undefined) return;
  const others = [
    ...named,
    ...(discover ? ['--discover'] : []),
    ...(setup && options.keyFile !== undefined ? ['--private-key-file'] : []),
    ...(!setup && options.host !== undefined ? ['--hostname'] : []),
  ];
  if (others.length > 0) throw usage(`${only} does not go together with ${others.join(', ')}.`);
  if (!setup && options.keyFile === undefined) {
    throw usage(
      `${only} needs the key's file: --private-key-file PATH.`,
      signer === 'kms'
        ? 'Nobody can read the stored key, km included. Give the file that it came from, or a new private key of the App.'
        : "Generate a private key in the App's settings on GitHub.",
    );
  }
}
