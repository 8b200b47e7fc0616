import type { GetFunctionConfigurationCommandOutput } from '@aws-sdk/client-lambda';
import { KmError } from '../../errors.ts';
import { type Check, fail, NotLooked, ok, warn } from '../check.ts';
import type { Facts } from '../facts.ts';
import { needPlatform } from './platform.ts';

/** What the platform's template gives the function; nothing less will do. */
const RUNTIME = 'nodejs24.x';
export const TIMEOUT_SECONDS = 60;
const HANDLER = 'index.handler';
/** What may stand in a command to paste as it is. */
const PLAIN = /^[\w.:/@-]*$/;

/** Whether the function is as the platform made it. */
export const refresherConfiguration: Check = {
  id: 'refresher-configuration',
  title: 'Refresher configuration',
  async run(facts) {
    await needPlatform(facts);
    const { names } = facts.context;
    if (await isGone(facts)) return [fail(`no function ${names.functionName}`, 'km bootstrap')];
    const configuration = await facts.refresher();
    const { State = 'Active', LastUpdateStatus = 'Successful', Timeout = 0, Runtime } = configuration;
    if (State === 'Failed')
      return [fail(`the function is ${State}: ${configuration.StateReason ?? ''}`, 'km bootstrap')];
    const wrong = wrongSettings(configuration, names.prefix);
    if (wrong.length > 0) {
      const flags = wrong.map(({ flag }) => flag).join(' ');
      return [
        fail(
          wrong.map(({ told }) => told).join('; '),
          `aws lambda update-function-configuration --function-name ${names.functionName} ${flags}   # as an administrator`,
        ),
      ];
    }
    if (LastUpdateStatus === 'Failed') return [warn('its last update failed', 'km bootstrap')];
    return [ok(`${Runtime}, ${Timeout} s, prefix ${names.prefix}`)];
  },
};

const isGone = (facts: Facts): Promise<boolean> =>
  facts.refresher().then(
    () => false,
    (error: unknown) => error instanceof Error && error.name === 'ResourceNotFoundException',
  );

interface WrongSetting {
  readonly told: string;
  /** What sets it right, for `aws lambda update-function-configuration`. */
  readonly flag: string;
}

function wrongSettings(
  { Runtime, Timeout = 0, Handler, Environment }: GetFunctionConfigurationCommandOutput,
  prefix: string,
): WrongSetting[] {
  const wrong: WrongSetting[] = [];
  if (Runtime !== RUNTIME)
    wrong.push({ told: `runtime ${Runtime} instead of ${RUNTIME}`, flag: `--runtime ${RUNTIME}` });
  if (Timeout < TIMEOUT_SECONDS)
    wrong.push({
      told: `timeout ${Timeout} s instead of ${TIMEOUT_SECONDS} s`,
      flag: `--timeout ${TIMEOUT_SECONDS}`,
    });
  if (Handler !== HANDLER)
    wrong.push({ told: `handler ${Handler} instead of ${HANDLER}`, flag: `--handler ${HANDLER}` });
  const variables = Environment?.Variables ?? {};
  const strange = Object.keys(variables).filter((name) => !name.startsWith('KM_'));
  if (variables.KM_PREFIX !== prefix || strange.length > 0) {
    // Values of variables that are not km's stay out of sight.
    const own = Object.entries({ ...variables, KM_PREFIX: prefix }).filter(
      ([name, value]) => name.startsWith('KM_') && PLAIN.test(value),
    );
    wrong.push({
      told:
        strange.length > 0
          ? `its environment holds what km did not put there: ${strange.join(', ')}`
          : `KM_PREFIX is ${variables.KM_PREFIX ?? 'not set'} instead of ${prefix}`,
      flag: `--environment 'Variables={${own.map(([name, value]) => `${name}=${value}`).join(',')}}'`,
    });
  }
  return wrong;
}

/** Whether the function answers what it is asked, on which every check about GitHub stands. */
export const refresherAnswers: Check = {
  id: 'refresher-answers',
  title: 'Refresher answers',
  async run(facts) {
    await needPlatform(facts);
    const { names } = facts.context;
    try {
      const { host, signer } = await facts.inspection();
      return [ok(`for ${host}, signing with ${signer === 'kms' ? 'a KMS key' : 'the stored private key'}`)];
    } catch (error) {
      if (!(error instanceof KmError)) throw error;
      if (await isGone(facts)) throw new NotLooked('the function is not there');
      const logs = `aws logs tail ${names.logGroup} --since 1h`;
      return [fail(error.message, error.code === 'ErrPlatformMissing' ? 'km bootstrap' : logs)];
    }
  },
};
