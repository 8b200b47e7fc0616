import type { LocalClock } from '../clock.ts';

/** An error as an AWS service answers it: a code, a message, and the HTTP status. */
export class AwsError extends Error {
  override readonly name = 'AwsError';
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export interface PolicyDocument {
  readonly Version?: string;
  readonly Statement: PolicyStatement | readonly PolicyStatement[];
}

export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: '*' | Readonly<Record<string, string | readonly string[]>>;
  readonly NotPrincipal?: '*' | Readonly<Record<string, string | readonly string[]>>;
  readonly Action?: string | readonly string[];
  readonly NotAction?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: string | readonly string[];
  readonly Condition?: Readonly<
    Record<string, Readonly<Record<string, string | boolean | readonly string[]>>>
  >;
}

/** Who calls: a user, a role's session, or an AWS service acting by itself. */
export interface Caller {
  readonly kind: 'user' | 'role' | 'service';
  /** `arn:aws:iam::…:user/x`, `arn:aws:sts::…:assumed-role/x/session`, or `scheduler.amazonaws.com`. */
  readonly arn: string;
  /** `aws:PrincipalArn`: the user's ARN, or the role's (not the session's). */
  readonly principalArn: string;
  /** `aws:userid`. */
  readonly userId: string;
  /** A role session's own session policy, if one was passed to AssumeRole. */
  readonly sessionPolicy?: PolicyDocument;
  /** `aws:SourceArn`: of a service, the resource for which it calls. */
  readonly sourceArn?: string;
}

/** One call on its way through a service. */
export interface Call {
  readonly service: string;
  readonly operation: string;
  // biome-ignore lint/suspicious/noExplicitAny: the wire's own shapes, checked by each operation
  readonly input: any;
  readonly caller: Caller;
  readonly requestId: string;
  /** The service that calls on the caller's behalf, as in `kms:ViaService`: `ssm`; absent on a direct call. */
  readonly via?: string;
  /** The key that signed a request from outside. */
  readonly accessKeyId?: string;
}

/** What is asked of the policies: may this caller do `action` on `resource`? */
export interface AuthorizationRequest {
  readonly action: string;
  readonly resource: string;
  /** Condition keys beside the global ones, lower-case or as AWS spells them: `kms:ViaService`, … */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
  /** A key policy or trust policy. With one, the decision follows KMS's rules for key policies. */
  readonly resourcePolicy?: PolicyDocument;
  /**
   * `required` (default): the resource policy must allow, as for keys and trust policies.
   * `alternative`: it or an identity policy may allow, as for queues and functions.
   */
  readonly resourcePolicyRule?: 'required' | 'alternative';
  /** The unique ids that the resource policy's principals had when it was written: a namesake made later is another. */
  readonly principalIds?: Readonly<Record<string, string>>;
}

/** A persisted map: survives a restart of the local cloud. Values are plain JSON. */
export interface Table<T> {
  get(key: string): T | undefined;
  set(key: string, value: T): void;
  delete(key: string): boolean;
  has(key: string): boolean;
  keys(): string[];
  values(): T[];
  entries(): [string, T][];
}

export interface RoleCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** Milliseconds since the epoch, on the cloud's clock. */
  readonly expiration: number;
}

/** How a rest-json service maps one operation to HTTP. Everything not named here travels in the JSON body. */
export interface RestRoute {
  readonly operation: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH';
  /** With members in braces: `/2015-03-31/functions/{FunctionName}/invocations`. */
  readonly path: string;
  /** Query parameters whose wire name is not the member's, wire name first: `{ Marker: 'NextMarker' }`. */
  readonly query?: Readonly<Record<string, string>>;
  /** Members that are lists in the query, by member name. */
  readonly lists?: readonly string[];
  /** Request headers, lower-case header name first: `{ 'x-amz-invocation-type': 'InvocationType' }`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The member that is the whole request body, handed over as a Buffer. */
  readonly payload?: string;
  /** The HTTP status of a success; 200 when absent. */
  readonly status?: number;
  /** How the answer leaves the body: its status member, its headers (member first), its raw payload member. */
  readonly answer?: {
    readonly status?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly payload?: string;
  };
}

/** A request to a route that carries its own secret in the URL instead of a signature. */
export interface OpenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Buffer;
}

/**
 * A service of the local cloud: all of its operations behind one door.
 *
 * Inputs: json and rest-json members have their JSON types; query members are strings, lists of strings or objects
 * (an empty list may arrive as `''`), so that `'true'` and `true` must both be understood: internal calls pass natural
 * types. Answers: plain objects; a `Date` becomes epoch seconds in JSON and ISO 8601 in XML, a `Map` entries in XML; blobs are base64 strings.
 */
export interface Service {
  /** The name in the signature's credential scope: `ssm`, `kms`, `cloudformation`, … */
  readonly name: string;
  /** rest-json services only. */
  readonly routes?: readonly RestRoute[];
  /** Unsigned requests under this path prefix come here, as a custom resource's answer to its ResponseURL. */
  readonly open?: {
    readonly prefix: string;
    handle(request: OpenRequest): Promise<{ status: number; body?: string }>;
  };
  /** Answers one operation in the wire's own shape; throws AwsError. Unknown operations answer 501. */
  handle(call: Call): Promise<unknown>;
  /** What ends the process that holds these credentials; absent where the service runs none with them. */
  killProcess?(accessKeyId: string): (() => Promise<void>) | undefined;
  /** Called once all services are there and requests are answered: timers resume here. */
  start?(): Promise<void>;
  stop?(): Promise<void>;
}

/** What a service throws for an operation that it does not know. */
export const notImplemented = (call: Pick<Call, 'service' | 'operation'>): AwsError =>
  new AwsError('NotImplemented', `The local cloud does not implement ${call.service}:${call.operation}`, 501);

/** An AWS service acting by itself, as `scheduler.amazonaws.com`, perhaps for one of the account's resources. */
export const serviceCaller = (name: string, sourceArn?: string): Caller => ({
  kind: 'service',
  arn: name,
  principalArn: name,
  userId: name,
  ...(sourceArn === undefined ? {} : { sourceArn }),
});

export interface AssumeRoleOptions {
  /** Seconds; 3600 when absent. */
  readonly durationSeconds?: number;
  readonly sessionPolicy?: PolicyDocument;
  /** Condition keys for the trust policy: `aws:SourceArn`, `sts:ExternalId`, … */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

/** What services see of each other. Every call between services is authorized like one from outside. */
export interface Cloud {
  readonly accountId: string;
  readonly region: string;
  readonly clock: LocalClock;
  /** The AWS endpoint, `http://127.0.0.1:PORT`. */
  readonly endpoint: string;
  /** Where the local cloud keeps its files. */
  readonly stateDir: string;
  /** What every function gets in its environment beside its own: `AWS_ENDPOINT_URL`, `KM_GITHUB_API_URL`. */
  readonly functionEnvironment: Readonly<Record<string, string>>;
  /** The persisted table of that name, made when first asked for. */
  table<T>(name: string): Table<T>;
  /** Calls an operation of any service as `caller`; `via` names the service that calls on their behalf. */
  // biome-ignore lint/suspicious/noExplicitAny: see Call.input
  call(service: string, operation: string, input: unknown, caller: Caller, via?: string): Promise<any>;
  /** Throws AccessDeniedException (403), worded as AWS words it, unless the policies allow. */
  authorize(call: Call, request: AuthorizationRequest): void;
  /** A session of a role, after its trust policy has allowed `principal` (a caller, or a service's name). */
  assumeRole(
    roleArn: string,
    sessionName: string,
    principal: Caller | string,
    options?: AssumeRoleOptions,
  ): RoleCredentials & { caller: Caller };
  /** Writes one line to the local cloud's own log. Never a secret. */
  log(event: string, fields?: Readonly<Record<string, unknown>>): void;
}
