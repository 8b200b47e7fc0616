import { createPublicKey, generateKeyPairSync, type KeyLike, verify } from 'node:crypto';
import { createBroker } from '../../lib/broker/broker.ts';
import { inspectApp } from '../../lib/broker/inspect-app.ts';
import type { InspectAnswer, InspectEvent } from '../../lib/broker/inspection.ts';
import { createKmsSigningKeys } from '../../lib/broker/kms-signing-keys.ts';
import { APP_PARAMETERS, type BrokerScene, brokerScene, names } from './broker-scene.ts';
import type { FakeAccount } from './fake-github.ts';
import { type FakeKms, fakeKms } from './fake-kms.ts';

export interface InspectionScene extends BrokerScene {
  readonly kms: FakeKms;
  /** The same broker, but that it signs in KMS. */
  readonly inKms: BrokerScene['broker'];
}

/** A broker to ask about its App: with the key in a parameter, and with the key in KMS. */
export const inspectionScene = (
  parameters: Readonly<Record<string, string>> = APP_PARAMETERS,
  accounts?: Readonly<Record<string, FakeAccount>>,
): InspectionScene => {
  const scene = brokerScene(parameters, accounts);
  const kms = fakeKms();
  const signingKeys = createKmsSigningKeys(async () => kms.kms);
  return { ...scene, kms, inKms: createBroker({ ...scene.broker, signingKeys }) };
};

export interface KeyForm {
  readonly bits?: number;
  readonly passphrase?: string;
}

/** A new private key in PKCS#8. */
export const newKey = (type: 'rsa' | 'ec', { bits = 2048, passphrase }: KeyForm = {}): string => {
  const { privateKey } =
    type === 'ec'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: bits });
  return privateKey
    .export({
      type: 'pkcs8',
      format: 'pem',
      ...(passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase }),
    })
    .toString();
};

/** Whether an `Authorization` header holds a JWT of this key. */
export const isSignedBy = (pem: string, authorization: string): boolean => {
  const [header, claims, signature = ''] = authorization.slice('Bearer '.length).split('.');
  const key: KeyLike = createPublicKey(pem);
  return verify('RSA-SHA256', Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, 'base64url'));
};

/** GitHub as it answers a JWT that is not of the App's key. */
export const acceptOnly = (scene: BrokerScene, pem: string): void => {
  scene.github.intercept = ({ authorization }) =>
    authorization.split('.').length === 3 && !isSignedBy(pem, authorization)
      ? Response.json({ message: 'A JSON web token could not be decoded' }, { status: 401 })
      : undefined;
};

/** The App with what else may be stored about it. */
export const STORED = {
  ...APP_PARAMETERS,
  [names.installation('my-org')]: '2',
  [names.legacyInstallationId]: '1',
  [names.appSlug]: 'km-sandboxes',
};

export const inspect = (scene: InspectionScene, more: Partial<InspectEvent> = {}): Promise<InspectAnswer> =>
  inspectApp(scene.broker, { action: 'inspect', ...more }, { deadline: scene.deadline() });

export const codes = ({ problems }: InspectAnswer) => problems.map(({ code }) => code);
