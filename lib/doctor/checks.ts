import type { Check } from './check.ts';
import { appParameters } from './checks/app-config.ts';
import { appKey, appKeyAge } from './checks/app-key.ts';
import { appPermissions } from './checks/app-permissions.ts';
import { refresherFailures } from './checks/failures.ts';
import { appJwt, clockSkew, rateLimit } from './checks/github.ts';
import { installations } from './checks/installations.ts';
import { legacy } from './checks/legacy.ts';
import { orphans } from './checks/orphans.ts';
import { platformDrift, platformStack, platformVersion } from './checks/platform.ts';
import { queues } from './checks/queues.ts';
import { refresherAnswers, refresherConfiguration } from './checks/refresher.ts';
import { sandboxKeys } from './checks/sandbox-keys.ts';
import { sandboxRepos } from './checks/sandbox-repos.ts';
import { sandboxSchedules } from './checks/sandbox-schedules.ts';
import { sandboxTokens } from './checks/sandbox-tokens.ts';
import { sandboxStacks } from './checks/sandboxes.ts';

export { account as GATE } from './checks/account.ts';
export { probe as PROBE } from './checks/probe.ts';

/** Every check behind the gate, in the order in which they are told; docs/doctor.md has them with their remedies. */
export const CHECKS: readonly Check[] = [
  platformStack,
  platformVersion,
  platformDrift,
  refresherConfiguration,
  refresherAnswers,
  refresherFailures,
  queues,
  appParameters,
  appKey,
  appKeyAge,
  clockSkew,
  appJwt,
  appPermissions,
  installations,
  rateLimit,
  sandboxStacks,
  sandboxKeys,
  sandboxSchedules,
  sandboxTokens,
  sandboxRepos,
  orphans,
  legacy,
];
