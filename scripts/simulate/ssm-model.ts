import {
  DeleteParametersCommand,
  GetParameterHistoryCommand,
  GetParametersCommand,
  PutParameterCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import type { FaultPlan } from './fault-plan.ts';
import { createMeter, type MeterReport } from './meter.ts';
import { QUOTAS } from './quotas.ts';
import { createRandom } from './random.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface SsmModelOptions {
  readonly time: VirtualTime;
  readonly faults: FaultPlan;
  readonly seed: number;
  readonly name: string;
  /** Plain parameters, which are never written. */
  readonly config: ReadonlyMap<string, string>;
  /** Reads of their tokens that all sandboxes send, a second. */
  readonly readsPerSecond: number;
  /** Told of each value of a token parameter that readers get from now on. */
  readonly onToken: (name: string, token: string) => void;
}

export interface SsmModel {
  readonly ssm: Pick<SSMClient, 'send'>;
  readonly report: () => SsmReport;
}

export interface SsmReport {
  readonly parameters: number;
  readonly calls: number;
  readonly throttled: number;
  readonly requests: MeterReport;
  readonly encryptions: MeterReport;
}

interface Version {
  readonly Version: number;
  readonly Value: string;
  readonly Description: string;
  readonly LastModifiedDate: Date;
}

const LATENCY_MS = [8, 24] as const;
/** Parameter Store keeps so many versions, and shows so many on a page. */
const MOST_VERSIONS = 100;
const PAGE = 50;
/**
 * Those that the model has in full. What is older are tokens that expired hours ago, which decide nothing; the pages
 * that they fill are asked for and counted all the same.
 */
const KEPT_VERSIONS = 12;
/** As lambda/refresh/index.ts asks of the SDK. */
const ATTEMPTS = 4;
/** The SDK's standard mode after a throttle: full jitter, doubling, see https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html */
const THROTTLED_DELAY_MS = 500;
const LONGEST_DELAY_MS = 20_000;

const named = (name: string): Error => Object.assign(new Error('Rate exceeded'), { name });

/**
 * Parameter Store in memory behind the SDK's `send`: a history by pages of 50, request quotas of SSM and of
 * KMS behind it, and the SDK's own attempts after a throttle.
 */
export const createSsmModel = (options: SsmModelOptions): SsmModel => {
  const { time, faults, config, readsPerSecond, onToken } = options;
  const random = createRandom(options.seed, `ssm ${options.name}`);
  const second = { intervalMs: 1_000, factor: faults.limits };
  const requests = createMeter({ ...second, limit: QUOTAS.ssmRequests.value, taken: readsPerSecond });
  const encryptions = createMeter({ ...second, limit: QUOTAS.kmsSymmetric.value, taken: readsPerSecond });
  const parameters = new Map<string, Version[]>();
  const counts = { calls: 0, throttled: 0 };

  const put = ({ input }: PutParameterCommand): unknown => {
    if (!encryptions.take(time.now())) throw named('ThrottlingException');
    const { Name = '', Value = '', Description = '' } = input;
    const versions = parameters.get(Name) ?? [];
    if (versions.length === 0) parameters.set(Name, versions);
    const number = (versions.at(-1)?.Version ?? 0) + 1;
    versions.push({ Version: number, Value, Description, LastModifiedDate: new Date(time.now()) });
    if (versions.length > KEPT_VERSIONS) versions.shift();
    onToken(Name, Value);
    return { Version: number };
  };

  const get = ({ input }: GetParametersCommand): unknown => ({
    Parameters: (input.Names ?? []).flatMap((Name) => {
      const Value = config.get(Name) ?? parameters.get(Name)?.at(-1)?.Value;
      return Value === undefined ? [] : [{ Name, Value }];
    }),
  });

  const history = ({ input }: GetParameterHistoryCommand): unknown => {
    const versions = parameters.get(input.Name ?? '');
    if (versions === undefined) throw named('ParameterNotFound');
    if (
      input.WithDecryption &&
      !encryptions.take(time.now(), Math.min(MOST_VERSIONS, versions.at(-1)?.Version ?? 0))
    )
      throw named('ThrottlingException');
    const stored = Math.min(MOST_VERSIONS, versions.at(-1)?.Version ?? 0);
    // Pages hold the oldest first.
    if (stored <= PAGE || input.NextToken !== undefined) return { Parameters: versions };
    return { Parameters: [], NextToken: '2' };
  };

  const remove = ({ input }: DeleteParametersCommand): unknown => {
    for (const name of input.Names ?? []) parameters.delete(name);
    return {};
  };

  const respond = (command: unknown): unknown => {
    // The history has a limit of its own, which is not documented: taken to be of the same one, to be on the safe side.
    if (!requests.take(time.now())) throw named('ThrottlingException');
    if (command instanceof PutParameterCommand) return put(command);
    if (command instanceof GetParameterHistoryCommand) return history(command);
    if (command instanceof GetParametersCommand) return get(command);
    if (command instanceof DeleteParametersCommand) return remove(command);
    throw named('UnknownOperationException');
  };

  const send = (command: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const attempt = (tried: number): void => {
        counts.calls += 1;
        const [least, spread] = LATENCY_MS;
        time.at(time.now() + least + random() * spread, () => {
          try {
            resolve(respond(command));
          } catch (error) {
            if ((error as Error).name !== 'ThrottlingException') return reject(error);
            counts.throttled += 1;
            if (tried + 1 === ATTEMPTS) return reject(error);
            const delay = random() * Math.min(LONGEST_DELAY_MS, THROTTLED_DELAY_MS * 2 ** tried);
            time.at(time.now() + delay, () => attempt(tried + 1));
          }
        });
      };
      attempt(0);
    });

  return {
    ssm: { send } as unknown as Pick<SSMClient, 'send'>,
    report: () => ({
      parameters: parameters.size + config.size,
      ...counts,
      requests: requests.report(),
      encryptions: encryptions.report(),
    }),
  };
};
