import { AwsError, type Cloud, type PolicyStatement, type Table } from '../cloud.ts';
import type { FunctionCode } from './function-code.ts';

/** A function as it was last configured. */
export interface FunctionRecord {
  readonly name: string;
  readonly arn: string;
  readonly roleArn: string;
  readonly runtime: string;
  /** `FILE.EXPORT` */
  readonly handler: string;
  readonly description: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly architectures: readonly string[];
  readonly code: FunctionCode;
  readonly logGroup: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Changes with every change of code or configuration: processes of an older one are not used again. */
  readonly revision: string;
  readonly lastModified: number;
  readonly policy: readonly PolicyStatement[];
}

/** How a function's asynchronous invocations are retried, and where they go in the end. */
export interface EventInvokeConfig {
  readonly lastModified: number;
  readonly maximumRetryAttempts: number;
  readonly maximumEventAgeSeconds: number;
  readonly onFailure?: string;
  readonly onSuccess?: string;
}

const DEFAULT_INVOKE_CONFIG: EventInvokeConfig = {
  lastModified: 0,
  maximumRetryAttempts: 2,
  maximumEventAgeSeconds: 21_600,
};

const NAME =
  /^(?:arn:aws:lambda:[a-z0-9-]+:\d{12}:function:|\d{12}:function:|function:)?([a-zA-Z0-9-_]{1,64})(?::(\$LATEST))?$/;

/** The name of a function's sessions: its own, which must have two letters there. */
export const sessionName = (functionName: string): string => functionName.padEnd(2, '-');

/** The functions of a cloud, in persisted tables. */
export class FunctionStore {
  readonly #cloud: Cloud;
  readonly #functions: Table<FunctionRecord>;
  readonly #invokeConfigs: Table<EventInvokeConfig>;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    this.#functions = cloud.table('lambda-functions');
    this.#invokeConfigs = cloud.table('lambda-event-invoke-configs');
  }

  /** The bare name in a name, a partial ARN or an ARN. Throws ValidationException. */
  nameOf(nameOrArn: unknown): string {
    const name = NAME.exec(String(nameOrArn))?.[1];
    if (name !== undefined) return name;
    throw new AwsError(
      'ValidationException',
      `Value '${nameOrArn}' at 'functionName' failed to satisfy constraint: no name or ARN of a function ($LATEST only)`,
    );
  }

  arnOf(nameOrArn: unknown): string {
    const { region, accountId } = this.#cloud;
    return `arn:aws:lambda:${region}:${accountId}:function:${this.nameOf(nameOrArn)}`;
  }

  all(): FunctionRecord[] {
    return this.#functions.values();
  }

  find(nameOrArn: unknown): FunctionRecord | undefined {
    return this.#functions.get(this.nameOf(nameOrArn));
  }

  /** Throws ResourceNotFoundException. */
  get(nameOrArn: unknown): FunctionRecord {
    const found = this.find(nameOrArn);
    if (found !== undefined) return found;
    throw new AwsError('ResourceNotFoundException', `Function not found: ${this.arnOf(nameOrArn)}`, 404);
  }

  set(record: FunctionRecord): void {
    this.#functions.set(record.name, record);
  }

  delete(name: string): void {
    this.#functions.delete(name);
    this.#invokeConfigs.delete(name);
  }

  ownInvokeConfig(name: string): EventInvokeConfig | undefined {
    return this.#invokeConfigs.get(name);
  }

  invokeConfig(name: string): EventInvokeConfig {
    return this.ownInvokeConfig(name) ?? DEFAULT_INVOKE_CONFIG;
  }

  setInvokeConfig(name: string, config: EventInvokeConfig): void {
    this.#invokeConfigs.set(name, config);
  }

  deleteInvokeConfig(name: string): boolean {
    return this.#invokeConfigs.delete(name);
  }
}
