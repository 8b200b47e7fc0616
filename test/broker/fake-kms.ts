import { createPublicKey, type KeyObject, sign } from 'node:crypto';
import { GetPublicKeyCommand, type KMSClient, SignCommand } from '@aws-sdk/client-kms';

export interface FakeKms {
  readonly client: Pick<KMSClient, 'send'>;
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
export const fakeKms = (keys: Readonly<Record<string, KeyObject>>): FakeKms => {
  const send = async (command: { readonly input: object }): Promise<object> => {
    const { KeyId } = command.input as { readonly KeyId: string };
    fake.calls.push(command.input);
    const fault = fake.fault(KeyId);
    if (fault !== undefined) throw awsError(fault);
    const key = fake.keys.get(KeyId);
    if (!key) throw awsError('NotFoundException');
    if (command instanceof GetPublicKeyCommand)
      return { KeyId: ARN, PublicKey: createPublicKey(key).export({ type: 'spki', format: 'der' }) };
    if (command instanceof SignCommand)
      return { KeyId: ARN, Signature: sign('RSA-SHA256', command.input.Message ?? Buffer.alloc(0), key) };
    throw awsError('UnknownOperationException');
  };
  const fake: FakeKms = {
    client: { send: send as KMSClient['send'] },
    calls: [],
    keys: new Map(Object.entries(keys)),
    fault: () => undefined,
  };
  return fake;
};
