import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A long-term access key of a user. */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** What a state directory keeps from its first start on, so that a printed environment stays valid. */
export interface Settings {
  /** The AWS endpoint's port; 0 until the first start has found one. */
  readonly port: number;
  readonly githubPort: number;
  /** Of GitHub's REST, once it had an origin of its own. */
  readonly githubApiPort?: number;
  /** Bearer token of the `/_km/` routes. */
  readonly adminToken: string;
  readonly admin: AccessKey;
  readonly operator: AccessKey;
  /** AES-256 key under which session tokens are sealed, base64. */
  readonly sessionKey: string;
}

const FILE = 'local-cloud.json';

const accessKey = (): AccessKey => ({
  accessKeyId: `AKIA${randomBytes(8).toString('hex').toUpperCase()}`,
  secretAccessKey: randomBytes(30).toString('base64'),
});

const fresh = (): Settings => ({
  port: 0,
  githubPort: 0,
  adminToken: randomBytes(24).toString('base64url'),
  admin: accessKey(),
  operator: accessKey(),
  sessionKey: randomBytes(32).toString('base64'),
});

/** Reads the settings of a state directory (mode 0700), or makes them. */
export const loadSettings = (stateDir: string): Settings => {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  let text: string;
  try {
    text = readFileSync(join(stateDir, FILE), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const settings = fresh();
    saveSettings(stateDir, settings);
    return settings;
  }
  return JSON.parse(text);
};

/** Tells the local cloud of a state directory from any other, without telling its admin token. */
export const instanceOf = ({ adminToken }: Settings): string =>
  createHash('sha256').update(`instance:${adminToken}`).digest('hex').slice(0, 16);

/** Replaces the settings file, mode 0600. */
export const saveSettings = (stateDir: string, settings: Settings): void => {
  const file = join(stateDir, FILE);
  writeFileSync(`${file}.next`, `${JSON.stringify(settings, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.next`, file);
};
