import { existsSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type LocalCloud, startLocalCloud } from '../local/start.ts';
import { environmentFile, type LocalEnvironment, seedFile } from './local-environment.ts';
import { deployLocalPlatform } from './local-platform.ts';
import { COMPLETE } from './local-state-folder.ts';

export interface ServeOptions {
  readonly stateDir: string;
  /** Not checked yet; the local cloud does. */
  readonly seed: unknown;
  readonly onReady: (local: LocalEnvironment) => void;
}

/** Runs the local cloud in this process, with the platform deployed in it, until a signal ends it. */
export async function serveLocalCloud(options: ServeOptions): Promise<undefined> {
  const { stateDir, seed } = options;
  const ended = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
  });
  if (!existsSync(join(stateDir, COMPLETE))) await removeHalfMade(stateDir);
  const cloud = await startLocalCloud({ stateDir, ...(seed === undefined ? {} : { seed }) });
  try {
    await deployLocalPlatform(cloud);
    if (seed !== undefined) await writeFile(seedFile(stateDir), JSON.stringify(seed), { mode: 0o600 });
    await writeFile(join(stateDir, COMPLETE), '', { mode: 0o600 });
    const local = environmentOf(cloud);
    await writeEnvironment(stateDir, local);
    options.onReady(local);
    await Promise.race([ended, cloud.stopped]);
  } finally {
    await rm(environmentFile(stateDir), { force: true });
    await cloud.close();
  }
}

/** GitHub's App key is handed out once: a state from before it was stored can only be made anew. */
async function removeHalfMade(stateDir: string): Promise<void> {
  const own = ['state', 'github'];
  await Promise.all(own.map((name) => rm(join(stateDir, name), { recursive: true, force: true })));
}

function environmentOf(cloud: LocalCloud): LocalEnvironment {
  return {
    pid: process.pid,
    url: cloud.url,
    adminToken: cloud.adminToken,
    variables: {
      AWS_ENDPOINT_URL: cloud.url,
      AWS_REGION: cloud.region,
      // The AWS CLI's first version knows only this name.
      AWS_DEFAULT_REGION: cloud.region,
      AWS_ACCESS_KEY_ID: cloud.operator.accessKeyId,
      AWS_SECRET_ACCESS_KEY: cloud.operator.secretAccessKey,
      KM_GITHUB_URL: cloud.github.url,
      KM_GITHUB_API_URL: cloud.github.apiUrl,
    },
    administrator: {
      AWS_ACCESS_KEY_ID: cloud.admin.accessKeyId,
      AWS_SECRET_ACCESS_KEY: cloud.admin.secretAccessKey,
    },
  };
}

async function writeEnvironment(stateDir: string, local: LocalEnvironment): Promise<void> {
  const file = environmentFile(stateDir);
  await writeFile(`${file}.new`, JSON.stringify(local), { mode: 0o600 });
  await rename(`${file}.new`, file);
}
