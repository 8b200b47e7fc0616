import type { Cloud } from '../cloud.ts';
import { createStack, finishRollBack, rollBackCreation } from './create-stack.ts';
import { deleteStack } from './delete-resources.ts';
import { type Engine, openDeployment } from './deployment.ts';
import { cleanUpUpdate, rollBackUpdate, updateStack } from './update-stack.ts';

const INTERRUPTED = 'The local cloud was stopped during the operation.';

interface Running {
  cancelled: boolean;
  readonly done: Promise<void>;
}

/** The operations under way, at most one a stack. They run on their own; nothing waits for them but the clock. */
export class Operations {
  readonly #engine: Engine;
  readonly #running = new Map<string, Running>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  create(stackId: string): void {
    this.#run(stackId, (cancelled) => createStack(openDeployment(this.#engine, stackId), cancelled));
  }

  update(stackId: string): void {
    this.#run(stackId, () => updateStack(openDeployment(this.#engine, stackId)));
  }

  /** Goes on with a rollback that failed. */
  rollBack(stackId: string, skip: readonly string[]): void {
    this.#run(stackId, () => rollBackUpdate(this.#engine, stackId, 'User Initiated', skip));
  }

  /** A creation under way is cancelled first; whatever else runs is waited for. */
  delete(stackId: string, retain: readonly string[] = []): void {
    const { store } = this.#engine;
    const before = this.#running.get(stackId);
    if (before !== undefined) before.cancelled = true;
    const start = (): void => void store.setStatus(stackId, 'DELETE_IN_PROGRESS', 'User Initiated');
    const { status } = store.get(stackId);
    if (before === undefined || status === 'CREATE_IN_PROGRESS') start();
    this.#run(stackId, async () => {
      await before?.done;
      const { status: now } = store.get(stackId);
      if (now === 'DELETE_COMPLETE') return;
      if (now !== 'DELETE_IN_PROGRESS') start();
      await deleteStack(openDeployment(this.#engine, stackId), retain);
    });
  }

  /** Ends what a stopped cloud has left in the middle: creations and updates go back, deletions go on. */
  resume(): void {
    for (const { id, status } of this.#engine.store.all()) {
      const resumed = this.#resumed(id, status);
      if (resumed !== undefined) this.#run(id, resumed);
    }
  }

  #resumed(id: string, status: string): (() => Promise<void>) | undefined {
    const open = () => openDeployment(this.#engine, id);
    switch (status) {
      case 'CREATE_IN_PROGRESS':
        return () => rollBackCreation(open(), INTERRUPTED);
      case 'ROLLBACK_IN_PROGRESS':
        return () => finishRollBack(open());
      case 'DELETE_IN_PROGRESS':
        return () => deleteStack(open());
      case 'UPDATE_IN_PROGRESS':
      case 'UPDATE_ROLLBACK_IN_PROGRESS':
        return () => rollBackUpdate(this.#engine, id, INTERRUPTED);
      case 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS':
        return () => cleanUpUpdate(open());
      case 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS':
        return () => rollBackUpdate(this.#engine, id, INTERRUPTED);
      default:
        return undefined;
    }
  }

  #run(stackId: string, work: (cancelled: () => boolean) => Promise<void>): void {
    const { cloud, store } = this.#engine;
    const running: Running = {
      cancelled: false,
      // on the next turn, so that the request that began it is answered first
      done: cloud.clock
        .busy(new Promise<void>((resolve) => setImmediate(resolve)).then(() => work(() => running.cancelled)))
        .catch((error) => {
          cloud.log('cloudformation_failed', { stack: stackId, message: String(error.message) });
          const status = store.find(stackId)?.status.replace(/(_COMPLETE_CLEANUP)?_IN_PROGRESS$/, '_FAILED');
          if (status !== undefined) store.setStatus(stackId, status, String(error.message));
        })
        .finally(() => {
          if (this.#running.get(stackId) === running) this.#running.delete(stackId);
        }),
    };
    this.#running.set(stackId, running);
  }
}

/** A cloud whose calls never come back once `stopped` says so: what is under way stays as it is, as after a kill. */
export function freezing(cloud: Cloud, stopped: () => boolean): Cloud {
  const call: Cloud['call'] = (...request) =>
    stopped()
      ? new Promise(() => {})
      : cloud.call(...request).finally(() => (stopped() ? new Promise(() => {}) : undefined));
  return Object.create(cloud, { call: { value: call } });
}
