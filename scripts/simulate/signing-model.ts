import type { SigningKeys } from '../../lib/broker/signing-keys.ts';
import type { FaultPlan } from './fault-plan.ts';
import { createMeter, type MeterReport } from './meter.ts';
import { QUOTAS } from './quotas.ts';
import { createRandom } from './random.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface SigningModel {
  /** Keys as one environment of the function sees them. */
  readonly keysOf: (environment: number) => SigningKeys;
  readonly report: () => MeterReport;
}

const LATENCY_MS = 20;
/** An alias that was moved is known everywhere after five minutes at most, as KMS says. */
const LATE_MS = 5 * 60_000;

/**
 * The App's key in KMS, whose signatures are the key's number and no RSA: that would take longer than the whole broker.
 * After an exchange each environment goes on with the old key for up to five minutes.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/accessing-kms.html#programming-eventual-consistency
 */
export const createSigningModel = (
  time: VirtualTime,
  faults: FaultPlan,
  { seed, name }: { readonly seed: number; readonly name: string },
): SigningModel => {
  const random = createRandom(seed, `signing ${name}`);
  const meter = createMeter({ limit: QUOTAS.kmsSign.value, intervalMs: 1_000, factor: faults.limits });
  return {
    keysOf: () => {
      const lateMs = random() * LATE_MS;
      return {
        signer: () => ({
          sign: async () => {
            await time.sleep(LATENCY_MS);
            meter.take(time.now());
            const signature = new Uint8Array(256);
            signature[0] = faults.keyNumber(time.now() - lateMs);
            return signature;
          },
        }),
        details: async () => ({ arn: 'arn:aws:kms:::key/model', publicKey: new Uint8Array() }),
      };
    },
    report: meter.report,
  };
};
