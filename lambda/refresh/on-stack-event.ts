import { asKmError } from '../../lib/broker/broker-log.ts';
import { isDestroyed } from '../../lib/broker/destroyed-mark.ts';
import { SANDBOX_ID } from '../../lib/broker/names.ts';
import { ownerScopes, tokenParameters } from '../../lib/broker/owner-scopes.ts';
import { refresh } from '../../lib/broker/refresh.ts';
import { parseRefreshEvent, type RefreshEvent } from '../../lib/broker/refresh-event.ts';
import { revoke } from '../../lib/broker/revoke.ts';
import { tokenScope } from '../../lib/broker/token-scope.ts';
import { KmError } from '../../lib/errors.ts';
import { type Invocation, type Runtime, workDeadline } from './invocation.ts';
import { isResponseUrl, sendStackAnswer } from './send-stack-answer.ts';
import { type StackOutcome, type StackRequest, stackAnswer } from './stack-answer.ts';

/**
 * An event of `Custom::KmGitHubToken`: `SandboxId`; `Event`, the refresh event as JSON text; and `Paused`, `true` or
 * `false`, which stacks of an earlier km do not have.
 */
export interface StackEvent extends StackRequest {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly ResponseURL: string;
  readonly PhysicalResourceId?: string;
  readonly ResourceProperties?: Readonly<Record<string, unknown>>;
  readonly OldResourceProperties?: Readonly<Record<string, unknown>>;
}

/** Left when the watchdog answers: enough to send it. */
const WATCHDOG_MS = 5_000;

const invalid = (what: string): KmError =>
  new KmError('ErrRefreshEventInvalid', `Invalid stack event: ${what}`);

/** Whether CloudFormation can be answered at all; everything else about the event is answered FAILED. */
export const isStackEvent = (runtime: Runtime, event: Readonly<Record<string, unknown>>): boolean =>
  ['Create', 'Update', 'Delete'].includes(event.RequestType as string) &&
  isResponseUrl(event.ResponseURL, { loopback: runtime.answersLoopback }) &&
  ['StackId', 'RequestId', 'LogicalResourceId'].every((name) => typeof event[name] === 'string');

const sandboxIdOf = (event: StackEvent): string | undefined => {
  const id = event.ResourceProperties?.SandboxId;
  return typeof id === 'string' && SANDBOX_ID.test(id) ? id : undefined;
};

const refreshEventOf = (event: StackEvent): RefreshEvent => {
  const text = event.ResourceProperties?.Event;
  if (typeof text !== 'string') throw invalid('Event is not text');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid('Event is not JSON');
  }
  const parsed = parseRefreshEvent(value);
  if (parsed.sandbox_id !== event.ResourceProperties?.SandboxId) {
    throw invalid(`SandboxId is not the event's sandbox_id, '${parsed.sandbox_id}'`);
  }
  return parsed;
};

const isPaused = (event: StackEvent): boolean => {
  const { Paused = 'false' } = event.ResourceProperties ?? {};
  if (Paused !== 'true' && Paused !== 'false') throw invalid("Paused is neither 'true' nor 'false'");
  return Paused === 'true';
};

const encryptionBefore = (event: StackEvent): unknown => {
  try {
    return (JSON.parse(String(event.OldResourceProperties?.Event)) as RefreshEvent).encryption;
  } catch {
    return undefined;
  }
};

/** Whether the kill switch, or an earlier attempt of it, has marked all that is left of a sandbox's tokens. */
const isKilled = async ({ broker }: Runtime, sandboxId: string): Promise<boolean> => {
  const { names, store } = broker;
  const left = await store.list(names.sandboxPath(sandboxId));
  const histories = await Promise.all(left.map((name) => store.history(name, { decrypt: false })));
  return left.length > 0 && histories.every(isDestroyed);
};

const pause = async (runtime: Runtime, sandboxId: string, deadline: number): Promise<void> => {
  const killed = await isKilled(runtime, sandboxId);
  await revoke(runtime.broker, { sandboxId, reason: 'paused', deadline }).catch((thrown: unknown) => {
    // Whoever revoked was told. Taken back, the pause would give new tokens to a sandbox that is to have none, which
    // may itself be why GitHub refuses: by using up its installation's rate limit.
    if (!killed || asKmError(thrown).code !== 'ErrRevokeFailed') throw thrown;
  });
};

const update = async (
  runtime: Runtime,
  event: StackEvent,
  { parsed, deadline }: { readonly parsed: RefreshEvent; readonly deadline: number },
): Promise<void> => {
  const { broker } = runtime;
  const wasPaused = event.OldResourceProperties?.Paused === 'true';
  // What is in the history could no longer be decrypted, and so not be revoked.
  if (encryptionBefore(event) !== parsed.encryption) throw invalid('encryption cannot be changed');
  if (isPaused(event)) {
    if (!wasPaused) await pause(runtime, parsed.sandbox_id, deadline);
    return;
  }
  const isChanged = event.OldResourceProperties?.Event !== event.ResourceProperties?.Event;
  if (!wasPaused && !isChanged) return;
  const published = await refresh(broker, parsed, { deadline });
  if (!isChanged) return;
  // The old tokens may reach what the new event no longer allows, so that they do not live out their overlap.
  await revoke(broker, {
    sandboxId: parsed.sandbox_id,
    keepParameters: new Set(published.map(({ parameter }) => parameter)),
    keepTokens: new Set(published.map(({ token_sha256 }) => token_sha256)),
    // Also one that a refresh of the same scope has minted meanwhile, which then is the one that stands.
    keepScopes: new Set(
      ownerScopes(parsed.allowed_repos).map((scope) => tokenScope(scope, parsed.permissions)),
    ),
    deadline,
  });
};

/** How long before the end of the time Delete stops waiting for a Create. */
const REVOKE_MS = 15_000;
const LOOK_AGAIN_MS = 1_000;

/**
 * Waits for the tokens that a Create still makes. CloudFormation may cancel it and ask for the deletion while it runs;
 * the id in the request is then not ours, since Create has not answered. What it wrote later would be nobody's.
 *
 * @see https://github.com/aws/aws-cdk/issues/26139
 */
const creationIsOver = async (runtime: Runtime, event: StackEvent, deadline: number): Promise<void> => {
  const { names, store, now } = runtime.broker;
  let expected: readonly string[];
  try {
    const parsed = refreshEventOf(event);
    if (event.PhysicalResourceId === names.tokenResource(parsed.sandbox_id)) return;
    expected = [...tokenParameters(names, parsed).values()];
  } catch {
    // Create was refused for such an event.
    return;
  }
  const sandboxPath = names.sandboxPath(String(event.ResourceProperties?.SandboxId));
  for (let found: readonly string[] = []; ; found = await store.list(sandboxPath)) {
    if (expected.every((name) => found.includes(name)) || now() + LOOK_AGAIN_MS >= deadline - REVOKE_MS)
      return;
    await runtime.sleep(LOOK_AGAIN_MS);
  }
};

const act = async (runtime: Runtime, event: StackEvent, deadline: number): Promise<void> => {
  if (event.RequestType !== 'Delete') {
    const parsed = refreshEventOf(event);
    if (event.RequestType === 'Update') return update(runtime, event, { parsed, deadline });
    if (!isPaused(event)) await refresh(runtime.broker, parsed, { deadline });
    return;
  }
  const sandboxId = sandboxIdOf(event);
  // Create was refused for such an id, so that there is nothing to take back.
  if (sandboxId === undefined) return;
  await creationIsOver(runtime, event, deadline);
  await revoke(runtime.broker, { sandboxId, deadline });
};

const reasonOf = (thrown: unknown): string => {
  const { code, message, remedy } = asKmError(thrown);
  return `${message} (${code})${remedy === undefined ? '' : `. ${remedy}`}`;
};

const physicalIdOf = (runtime: Runtime, event: StackEvent): string => {
  const sandboxId = sandboxIdOf(event);
  // A deletion must be answered under the id that it was asked with.
  if (event.RequestType === 'Delete' && event.PhysicalResourceId) return event.PhysicalResourceId;
  if (sandboxId !== undefined) return runtime.broker.names.tokenResource(sandboxId);
  return event.PhysicalResourceId || 'invalid-sandbox-id';
};

const answer = async (runtime: Runtime, event: StackEvent, outcome: StackOutcome): Promise<void> => {
  const { status, physicalResourceId, reason } = outcome;
  runtime.log({
    event: 'stack_answered',
    sandbox_id: sandboxIdOf(event),
    request: event.RequestType,
    physical_resource_id: physicalResourceId,
    status,
    ...(reason === undefined ? {} : { reason }),
  });
  await sendStackAnswer(runtime, event.ResponseURL, stackAnswer(event, outcome));
};

/**
 * Answers an event of the stack's first token. Create and an Update that resumes make tokens, one that changes the event
 * also takes back what that no longer allows, and one that pauses takes all back; any other Update mints nothing. Delete revokes what is unexpired and deletes
 * the parameters. CloudFormation is always answered, also on bad input and shortly before the time is up: without an
 * answer it waits for an hour.
 *
 * @throws {KmError} `ErrAws` only when CloudFormation does not take the answer.
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html
 */
export const onStackEvent = async (
  runtime: Runtime,
  event: StackEvent,
  invocation: Invocation,
): Promise<void> => {
  const physicalResourceId = physicalIdOf(runtime, event);
  let reason = 'The refresher ran out of time (ErrGitHubUnavailable). Try again.';
  const done = new AbortController();
  const watchdog = runtime
    .sleep(Math.max(0, invocation.remainingMs() - WATCHDOG_MS), done.signal)
    .then((): StackOutcome['status'] => 'FAILED');
  const work = act(runtime, event, workDeadline(runtime, invocation)).then(
    (): StackOutcome['status'] => 'SUCCESS',
    (thrown: unknown): StackOutcome['status'] => {
      reason = reasonOf(thrown);
      return 'FAILED';
    },
  );
  const status = await Promise.race([work, watchdog]);
  // The race is over: that the timer then rejects is of no interest.
  watchdog.catch(() => undefined);
  done.abort();
  await answer(runtime, event, {
    status,
    physicalResourceId,
    ...(status === 'SUCCESS' ? {} : { reason }),
  });
};

/**
 * Answers FAILED for a Create or Update whose invocation was cut off before it could answer: CloudFormation goes back
 * at once. Where it has an answer already, it does not look at this one.
 *
 * @throws {KmError} `ErrAws` only when CloudFormation does not take the answer.
 */
export const onCutOffStackEvent = (runtime: Runtime, event: StackEvent): Promise<void> =>
  answer(runtime, event, {
    status: 'FAILED',
    physicalResourceId: physicalIdOf(runtime, event),
    reason: 'The refresher was cut off (ErrRefreshFailed). Try again.',
  });
