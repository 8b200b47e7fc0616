import { setTimeout as delay } from 'node:timers/promises';
import type { AppContext } from '../app/app-context.ts';
import type { Invocation } from './invocation.ts';

/** What the commands about the GitHub App work with: the session's AWS, and GitHub over this process's `fetch`. */
export async function openAppContext(invocation: Invocation): Promise<AppContext> {
  const { context: cloud } = await invocation.session();
  const { env } = invocation;
  // The local cloud's clock can be moved, and GitHub there goes by it.
  const aheadMs = (await cloud.now()) - Date.now();
  return {
    cloud,
    github: {
      fetch: (input, init) => fetch(input, init),
      now: () => Date.now() + aheadMs,
      sleep: (ms) => delay(ms),
      random: () => Math.random(),
    },
    ...(env.KM_GITHUB_API_URL ? { apiUrl: env.KM_GITHUB_API_URL } : {}),
    ...(env.KM_GITHUB_URL ? { webUrl: env.KM_GITHUB_URL } : {}),
  };
}
