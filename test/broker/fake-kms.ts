import { createPublicKey, type KeyObject, sign } from 'node:crypto';
import type { KmsCalls } from '../../lib/broker/kms-signing-keys.ts';

export interface FakeKms {
  readonly kms: KmsCalls;
  /** Inputs of every call. */
  readonly calls: object[];
  /** Private keys by alias. */
  readonly keys: Map<string, KeyObject>;
  /** Throws in KMS's place, when it answers a name. */
  fault: (alias: string) => string | undefined;
}

export const ARN = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';

const awsError = (name: string): Error => Object.assign(new Error(`${name} of KMS`), { name });

/** A KMS with keys that sign, and nothing else. */
export const fakeKms = (keys: Readonly<Record<string, KeyObject>> = {}): FakeKms => {
  const keyOf = (input: { readonly KeyId: string | undefined }): KeyObject => {
    const alias = input.KeyId ?? '';
    fake.calls.push(input);
    const fault = fake.fault(alias);
    const key = fake.keys.get(alias);
    if (fault === undefined && key !== undefined) return key;
    throw awsError(fault ?? 'NotFoundException');
  };
  const fake: FakeKms = {
    kms: {
      sign: async (input) => {
        const key = keyOf(input);
        return { $metadata: {}, Signature: sign('RSA-SHA256', input.Message ?? Buffer.alloc(0), key) };
      },
      getPublicKey: async (input) => {
        const PublicKey = createPublicKey(keyOf(input)).export({ type: 'spki', format: 'der' });
        return { $metadata: {}, KeyId: ARN, PublicKey };
      },
    },
    calls: [],
    keys: new Map(Object.entries(keys)),
    fault: () => undefined,
  };
  return fake;
};
