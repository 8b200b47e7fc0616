import { formatDuration } from '../../format-duration.ts';
import { type Check, type Finding, fail, NotLooked, ok, skip, warn } from '../check.ts';
import type { Facts, PlatformFact } from '../facts.ts';

/** The platform's stack. Throws `NotLooked` when it is not there, which {@link platformStack} tells. */
export async function needPlatform(facts: Facts): Promise<PlatformFact> {
  const platform = await facts.platform();
  if (platform) return platform;
  throw new NotLooked('the platform stack is not there');
}

export const platformStack: Check = {
  id: 'platform-stack',
  title: 'Platform stack',
  async run(facts) {
    const { names, region } = facts.context;
    const platform = await facts.platform();
    if (!platform) return [fail(`no stack ${names.platformStack} in ${region}`, 'km bootstrap')];
    const { status } = platform;
    const finding = `${names.platformStack} is ${status}`;
    if (/IN_PROGRESS$/.test(status)) return [warn(finding, 'km doctor   # once it has settled')];
    if (/^(CREATE|UPDATE|IMPORT)_COMPLETE$/.test(status)) return [ok(finding)];
    // Rolled back, it is whole, and an older one than was to be.
    if (status === 'UPDATE_ROLLBACK_COMPLETE') return [warn(finding, 'km bootstrap')];
    return [fail(finding, 'km bootstrap')];
  },
};

export const platformVersion: Check = {
  id: 'platform-version',
  title: 'Platform version',
  async run(facts) {
    const { outputs } = await needPlatform(facts);
    const deployed = outputs.get('Version') ?? 'from before versions were told';
    const { version } = facts.options;
    if (deployed === version) return [ok(`${deployed}, as this km`)];
    return [warn(`the platform is ${deployed}, this km is ${version}`, 'km bootstrap')];
  },
};

/** Drift as it was last looked for: looking for it is an administrator's right, and takes CloudFormation a minute. */
export const platformDrift: Check = {
  id: 'platform-drift',
  title: 'Platform drift',
  async run(facts) {
    const { drift, driftCheckedAt } = await needPlatform(facts);
    const stack = facts.context.names.platformStack;
    const now = await facts.startedAt();
    const age = driftCheckedAt === undefined ? '' : `, ${formatDuration(now - driftCheckedAt)} ago`;
    const findings: Record<string, Finding> = {
      IN_SYNC: ok(`none when last looked for${age}`),
      DRIFTED: warn(
        `somebody changed what the stack made, found when last looked for${age}`,
        `aws cloudformation describe-stack-resource-drifts --stack-name ${stack}`,
      ),
    };
    return [
      findings[drift] ??
        skip(
          'not looked at: nobody has had CloudFormation look for it, which an operator may not',
          `aws cloudformation detect-stack-drift --stack-name ${stack}   # as an administrator`,
        ),
    ];
  },
};
