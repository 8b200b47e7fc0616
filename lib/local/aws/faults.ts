import { AwsError } from './cloud.ts';

/** One fault on the AWS side: which calls it meets, how many of them, and what it does to them. */
export interface AwsFault {
  /** `ssm`, `kms`, …; any service when absent. */
  readonly service?: string;
  /** `GetParameter`, …; any operation when absent. */
  readonly operation?: string;
  /** How many calls it meets before it is used up; all when absent. */
  readonly count?: number;
  /** How many matching calls pass before it begins. */
  readonly skip?: number;
  /** Waits so long first, in milliseconds. */
  readonly latencyMs?: number;
  /** `throttle` answers 400 ThrottlingException, `internal` 500 InternalServerError; or an error spelt out. */
  readonly error?:
    | 'throttle'
    | 'internal'
    | { readonly code: string; readonly message?: string; readonly status?: number };
  /** The call does its work, and only its answer is lost: the error comes afterwards; `internal` when none is named. */
  readonly lost?: boolean;
  /**
   * Ends the process of the function that calls, as a crash or a time limit does: before the call does its work, with
   * `lost` after. Meets only calls that come from a function's process.
   */
  readonly kill?: boolean;
}

/** What a fault may be told of a call beside its name. */
export interface MetCall {
  readonly service: string;
  readonly operation: string;
  /** Ends the function's process that the call comes from; absent for every other caller. */
  readonly kill?: (() => Promise<void>) | undefined;
}

/** What is to happen once the call has done its work. */
export type Afterwards = (() => Promise<never>) | undefined;

const errorOf = (error: NonNullable<AwsFault['error']>): AwsError => {
  if (error === 'throttle') return new AwsError('ThrottlingException', 'Rate exceeded', 400);
  if (error === 'internal') return new AwsError('InternalServerError', 'An internal error occurred.', 500);
  return new AwsError(error.code, error.message ?? 'A fault on demand', error.status ?? 400);
};

const FIELDS = new Set(['service', 'operation', 'count', 'skip', 'latencyMs', 'error', 'lost', 'kill']);

const fieldOk = (name: string, value: unknown): boolean => {
  if (name === 'service' || name === 'operation') return typeof value === 'string';
  if (name === 'lost' || name === 'kill') return typeof value === 'boolean';
  if (name !== 'error') return Number.isInteger(value) && (value as number) >= 0;
  if (value === 'throttle' || value === 'internal') return true;
  return (
    typeof value === 'object' && value !== null && typeof (value as { code?: unknown }).code === 'string'
  );
};

/** Checks a list of faults as it came from outside; throws ValidationException naming the bad field. */
export const readAwsFaults = (value: unknown): AwsFault[] => {
  const bad = (what: string): AwsError => new AwsError('ValidationException', `faults.aws: ${what}`);
  if (!Array.isArray(value)) throw bad('must be a list');
  for (const fault of value) {
    if (typeof fault !== 'object' || fault === null) throw bad('each must be an object');
    for (const [name, field] of Object.entries(fault)) {
      if (!FIELDS.has(name)) throw bad(`'${name}' is none of ${[...FIELDS].join(', ')}`);
      if (!fieldOk(name, field)) throw bad(`'${name}' has a value it cannot take`);
    }
  }
  return value;
};

interface Armed extends AwsFault {
  met: number;
}

/** The faults now in force on the AWS side. */
export class AwsFaults {
  #armed: Armed[] = [];

  set(faults: readonly AwsFault[]): void {
    this.#armed = faults.map((fault) => ({ ...fault, met: 0 }));
  }

  list(): readonly AwsFault[] {
    return this.#armed;
  }

  /** Does to one call what the faults say: waits, throws, or nothing. Returns what loses its answer after its work. */
  async meet({ service, operation, kill }: MetCall): Promise<Afterwards> {
    let afterwards: Afterwards;
    for (const fault of this.#armed) {
      if (fault.kill && !kill) continue;
      if (fault.service !== undefined && fault.service !== service) continue;
      if (fault.operation !== undefined && fault.operation !== operation) continue;
      const nth = fault.met++ - (fault.skip ?? 0);
      if (nth < 0 || nth >= (fault.count ?? Number.POSITIVE_INFINITY)) continue;
      if (fault.latencyMs) await new Promise((resolve) => setTimeout(resolve, fault.latencyMs));
      const end = async (): Promise<never> => {
        if (fault.kill) await kill?.();
        throw errorOf(fault.error ?? 'internal');
      };
      if (fault.lost) afterwards ??= end;
      else if (fault.error || fault.kill) await end();
    }
    return afterwards;
  }
}
