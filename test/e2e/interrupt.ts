import { expect } from 'vitest';
import type { AppScene } from './app-scene.ts';

export interface Call {
  readonly service: string;
  readonly operation: string;
}

export const ssm = (operation: string): Call => ({ service: 'ssm', operation });
export const kms = (operation: string): Call => ({ service: 'kms', operation });

const REFUSED = { code: 'AccessDeniedException', message: 'A fault on demand', status: 400 };

export interface Inspected {
  readonly configured: boolean;
  readonly signer: string;
  readonly jwt?: { readonly ok: boolean };
  readonly key?: { readonly fingerprint?: string };
  readonly client_id?: string;
}

/** What is stored works, or is incomplete and says so: never a key beside the client id of another App. */
export async function consistent(scene: AppScene): Promise<Inspected> {
  const inspected = await scene.inspect<Inspected>();
  if (inspected.configured) expect(inspected.jwt).toMatchObject({ ok: true });
  return inspected;
}

/** Runs `km configure github` with the nth call of an operation failing, and says whether it came that far. */
export async function failsAt(
  scene: AppScene,
  { call, skip, args }: { readonly call: Call; readonly skip: number; readonly args: readonly string[] },
): Promise<boolean> {
  await scene.world.faults({ aws: [{ ...call, skip, count: 1, error: REFUSED }], github: {} });
  const { code } = await scene.configure(args);
  await scene.world.faults({ aws: [], github: {} });
  return code !== 0;
}

export interface Repeated {
  /** Before each run; returns what `km configure github` is given. */
  readonly prepare: () => Promise<readonly string[]>;
  /** After it was run again. */
  readonly complete: () => Promise<void>;
}

/**
 * Has every call of these operations fail once, each in a run of its own, and runs the same command again, which must
 * end well. Returns how many failed.
 */
export async function failEachOnce(
  scene: AppScene,
  calls: readonly Call[],
  { prepare, complete }: Repeated,
): Promise<number> {
  let failures = 0;
  for (const call of calls) {
    for (let skip = 0; ; skip += 1) {
      const args = await prepare();
      const failed = await failsAt(scene, { call, skip, args });
      await consistent(scene);
      if (!failed) break;
      failures += 1;
      const again = await scene.configure(args);
      expect({ call, skip, code: again.code, stderr: again.stderr }).toMatchObject({ code: 0 });
      await complete();
    }
  }
  return failures;
}

/** Kills `km configure github` at each of the steps that it says it takes, and runs it again. Returns how many there were. */
export async function killAtEachStep(scene: AppScene, { prepare, complete }: Repeated): Promise<number> {
  for (let step = 1; ; step += 1) {
    const args = await prepare();
    let steps = 0;
    const { code } = await scene.configure(args, {
      onOutput: (said, kill) => {
        steps = said.match(/ {2}… /g)?.length ?? 0;
        if (steps >= step) kill('SIGKILL');
      },
    });
    await consistent(scene);
    if (code === 0) return step - 1;
    const again = await scene.configure(args);
    expect({ step, code: again.code, stderr: again.stderr }).toMatchObject({ code: 0 });
    await complete();
  }
}
