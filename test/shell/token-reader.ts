import { mkdtempSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach } from 'vitest';
import { ACCESS_KEY, type FakeAws, SECRET_KEY, SESSION_TOKEN, startFakeAws } from './fake-aws.ts';
import { makePlace, type Place, type Ran, run } from './scripts.ts';

export const TOKEN = `ghs_${'t'.repeat(36)}`;
export const PARAMETER = '/sandbox/sb-1234abcd/github-token';
export const KEYS = {
  AWS_ACCESS_KEY_ID: ACCESS_KEY,
  AWS_SECRET_ACCESS_KEY: SECRET_KEY,
  AWS_SESSION_TOKEN: SESSION_TOKEN,
};

/** What a run prints that finds the token, and one that does not. */
export const printed = { status: 0, stdout: `${TOKEN}\n`, stderr: '' };
export const refused = (why: string): Ran => ({
  status: 1,
  stdout: '',
  stderr: `[km] No GitHub token for my-user: ${why}.\n`,
});

export interface TokenReader {
  aws: FakeAws;
  place: Place;
  /** Runs the reader with this environment and no instance metadata. */
  read(env: Readonly<Record<string, string>>, owner?: string): Promise<Ran>;
  /** The environment that names the container endpoint. */
  container(): Record<string, string>;
  /** A PATH with these tools alone. */
  tools(names?: readonly string[]): string;
}

/** The token reader beside a fresh Parameter Store for every test of a file, with a token a minute old. */
export function tokenReader(): TokenReader {
  const reader = {} as TokenReader;
  const functions: Pick<TokenReader, 'read' | 'container' | 'tools'> = {
    read: (env, owner = 'my-user') =>
      run(`${reader.place.scripts}/km-github-token`, [owner], {
        env: { HOME: reader.place.home, AWS_EC2_METADATA_DISABLED: 'true', ...env },
      }),
    container: () => ({ AWS_CONTAINER_CREDENTIALS_FULL_URI: `${reader.aws.url}/credentials` }),
    tools: (names = ['curl', 'date', 'sleep', 'timeout']) => {
      const folder = mkdtempSync(join(reader.place.root, 'bin-'));
      for (const name of names) symlinkSync(`/usr/bin/${name}`, join(folder, name));
      return folder;
    },
  };
  Object.assign(reader, functions);
  const close = async (): Promise<void> => {
    reader.place?.remove();
    await reader.aws?.close();
  };
  beforeEach(async () => {
    await close();
    reader.aws = await startFakeAws();
    reader.aws.parameters.set(PARAMETER, { value: TOKEN, modified: reader.aws.now / 1000 - 60 });
    reader.place = makePlace({ ssm: reader.aws.url });
  });
  afterAll(close);
  return reader;
}
