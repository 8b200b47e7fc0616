import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { inspectApp, probeRepo } from '../app/inspect-app.ts';
import type { SandboxContext } from '../sandbox/context.ts';
import { allSandboxes } from '../sandbox/find-sandbox.ts';
import { invokeRefresher } from '../sandbox/invoke-refresher.ts';
import {
  keyState,
  listKeyAliases,
  listParameters,
  listSchedules,
  readFailures,
  readPlatform,
  readQueue,
} from './aws-facts.ts';
import { NotLooked } from './check.ts';
import type { DoctorOptions, Facts, ScopeProblem } from './facts.ts';

const DAY_MS = 86_400_000;

/** Asks on the first call and answers the same from then on. */
const once = <T>(ask: () => Promise<T>): (() => Promise<T>) => {
  let asked: Promise<T> | undefined;
  return () => {
    asked ??= ask();
    return asked;
  };
};

const oncePer = <K, T>(keyOf: (key: K) => string, ask: (key: K) => Promise<T>): ((key: K) => Promise<T>) => {
  const asked = new Map<string, () => Promise<T>>();
  return (key) => {
    const name = keyOf(key);
    const known = asked.get(name) ?? once(() => ask(key));
    asked.set(name, known);
    return known();
  };
};

/** The facts of one run of the doctor, asked of AWS and, through the refresher, of GitHub, when a check first needs them. */
export function gatherFacts(context: SandboxContext, options: DoctorOptions): Facts {
  const { names } = context;
  const startedAt = once(() => context.now());
  const schedules = once(() => listSchedules(context));
  const aliases = once(() => listKeyAliases(context));
  const sandboxParameters = once(() => listParameters(context, names.sandboxRoot));
  const inspection = once(() => inspectApp(context, { rate_limit: true }));
  return {
    context,
    options,
    startedAt,
    caller: once(async () => {
      const { Account = '', Arn = '' } = await context
        .client(STSClient)
        .send(new GetCallerIdentityCommand({}));
      return { account: Account, arn: Arn };
    }),
    platform: once(() => readPlatform(context)),
    refresher: once(() =>
      context
        .client(LambdaClient)
        .send(new GetFunctionConfigurationCommand({ FunctionName: names.functionName })),
    ),
    failures: once(async () => readFailures(context, (await startedAt()) - DAY_MS)),
    queue: oncePer(
      (name) => name,
      (name) => readQueue(context, name),
    ),
    configParameters: once(() => listParameters(context, names.configPath)),
    sandboxParameters,
    schedules,
    aliases,
    sandboxes: once(async () => {
      await startedAt();
      // A stack is there before what it makes: listed last, it is missing only where something was left behind.
      await Promise.allSettled([schedules(), aliases(), sandboxParameters()]);
      return allSandboxes(context);
    }),
    keyState: oncePer(
      (keyId) => keyId,
      (keyId) => keyState(context, keyId),
    ),
    inspection,
    app: once(() => askable(inspection)),
    scopeProblems: oncePer(
      ({ allowed_repos, permissions }) => JSON.stringify([[...allowed_repos].sort(), permissions]),
      async ({ allowed_repos, permissions }) => {
        const event = { action: 'check', allowed_repos, permissions };
        return ((await invokeRefresher(context, event)) as { problems: readonly ScopeProblem[] }).problems;
      },
    ),
    probe: (repo) => probeRepo(context, repo),
  };
}

async function askable(inspection: Facts['inspection']): ReturnType<Facts['app']> {
  const answer = await inspection().catch(() => {
    throw new NotLooked('the refresher does not answer');
  });
  if (!answer.configured) throw new NotLooked('the GitHub App is not configured');
  return answer;
}
