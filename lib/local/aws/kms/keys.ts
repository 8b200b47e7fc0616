import { randomBytes, randomUUID } from 'node:crypto';
import { AwsError, type Call, type Cloud, type PolicyDocument } from '../cloud.ts';
import { traitsOf } from './key-metadata.ts';
import { managedKeyPolicy } from './key-policy.ts';
import type { RsaSpec } from './key-spec.ts';

/** A key as the table `kms-keys` holds it, by id. Times are milliseconds since the epoch. */
export interface KeyRecord {
  id: string;
  arn: string;
  created: number;
  description: string;
  policy: PolicyDocument;
  /** The unique ids of the policy's principals when it was written. */
  principalIds: Record<string, string>;
  enabled: boolean;
  rotation: boolean;
  rotationDays: number;
  /** Absent: SYMMETRIC_DEFAULT. */
  spec?: RsaSpec;
  /** Base64: 256 bits, or of an RSA key its private half as PKCS#8 DER. Absent while it waits for its import. */
  material?: string;
  /** Of a key of origin EXTERNAL: the SHA-256 of the only material that it takes, once it took one, and its end. */
  external?: { fingerprint?: string; expires?: number };
  manager: 'CUSTOMER' | 'AWS';
  tags: Record<string, string>;
  /** Set while the key waits for its deletion. */
  deletion?: { date: number };
}

/** An alias as the table `kms-aliases` holds it, by its name (`alias/…`). */
export interface AliasRecord {
  keyId: string;
  created: number;
  updated: number;
}

/** The services whose calls on a caller's behalf `kms:ViaService` tells. */
const INTEGRATED = new Set(['ssm', 'sqs', 'logs', 'lambda', 'secretsmanager', 's3']);

const AWS_MANAGED = /^alias\/aws\/(ssm)$/;

/** The keys and aliases of the account. */
export class Keys {
  readonly #cloud: Cloud;
  readonly table;
  readonly aliases;

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    this.table = cloud.table<KeyRecord>('kms-keys');
    this.aliases = cloud.table<AliasRecord>('kms-aliases');
  }

  arnOf(resource: string): string {
    return `arn:aws:kms:${this.#cloud.region}:${this.#cloud.accountId}:${resource}`;
  }

  /** Makes a key, with symmetric material unless it is of another kind; it never leaves the table. */
  add(
    fields: Pick<KeyRecord, 'policy' | 'principalIds' | 'description' | 'tags' | 'manager'> &
      Pick<KeyRecord, 'spec' | 'external' | 'material'>,
    id: string = randomUUID(),
  ): KeyRecord {
    const key: KeyRecord = {
      id,
      arn: this.arnOf(`key/${id}`),
      created: this.#cloud.clock.now(),
      enabled: true,
      rotation: fields.manager === 'AWS',
      rotationDays: 365,
      ...(fields.spec || fields.external ? {} : { material: randomBytes(32).toString('base64') }),
      ...fields,
    };
    this.table.set(id, key);
    return key;
  }

  /** The key of that id, unless its time has come: then it goes now, with its aliases. */
  live(id: string): KeyRecord | undefined {
    const key = this.table.get(id);
    if (!key) return undefined;
    const now = this.#cloud.clock.now();
    if (!key.deletion || key.deletion.date > now) {
      const expires = key.external?.expires;
      return expires !== undefined && expires <= now ? this.dropMaterial(key) : key;
    }
    this.table.delete(id);
    for (const name of this.aliasesOf(id)) this.aliases.delete(name);
    return undefined;
  }

  /** Takes the imported material out of a key, which then waits for the same again. */
  dropMaterial({ material: _, ...key }: KeyRecord): KeyRecord {
    const { expires: __, ...external } = key.external ?? {};
    const emptied = { ...key, external };
    this.table.set(key.id, emptied);
    return emptied;
  }

  all(): KeyRecord[] {
    return this.table.keys().flatMap((id) => this.live(id) ?? []);
  }

  aliasesOf(id: string): string[] {
    return this.aliases.entries().flatMap(([name, alias]) => (alias.keyId === id ? [name] : []));
  }

  /** Finds a key by id or ARN and, where `byAlias`, by alias name or alias ARN. Throws NotFoundException. */
  find(keyId: string, byAlias: boolean): KeyRecord {
    const own = this.arnOf('');
    if (keyId.startsWith('arn:') && !keyId.startsWith(own)) {
      throw new AwsError('NotFoundException', `Invalid arn ${keyId}`);
    }
    const name = keyId.startsWith(own) ? keyId.slice(own.length) : keyId;
    if (name.startsWith('alias/')) {
      if (!byAlias) throw new AwsError('NotFoundException', `Invalid keyId ${keyId}`);
      return this.#findByAlias(name);
    }
    const id = name.replace(/^key\//, '');
    const key = this.live(id);
    if (key) return key;
    throw /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)
      ? new AwsError('NotFoundException', `Key '${this.arnOf(`key/${id}`)}' does not exist`)
      : new AwsError('NotFoundException', `Invalid keyId '${keyId}'`);
  }

  #findByAlias(name: string): KeyRecord {
    const alias = this.aliases.get(name);
    const key = alias && this.live(alias.keyId);
    if (key) return key;
    const service = AWS_MANAGED.exec(name)?.[1];
    if (service === undefined)
      throw new AwsError('NotFoundException', `Alias ${this.arnOf(name)} is not found.`);
    return this.#addManaged(name, service);
  }

  /** AWS makes its own keys when a service first needs them. */
  #addManaged(name: string, service: string): KeyRecord {
    const key = this.add({
      policy: managedKeyPolicy(this.#cloud, service),
      principalIds: {},
      description: `Default key that protects my ${service.toUpperCase()} data when no other key is defined`,
      tags: {},
      manager: 'AWS',
    });
    const now = this.#cloud.clock.now();
    this.aliases.set(name, { keyId: key.id, created: now, updated: now });
    return key;
  }

  /** Throws AccessDeniedException unless the key policy, and what it delegates to, allow. */
  authorize(
    call: Call,
    key: KeyRecord,
    action: string,
    context: Readonly<Record<string, string | readonly string[]>> = {},
  ): void {
    const requested = call.input.KeyId;
    this.#cloud.authorize(call, {
      action: `kms:${action}`,
      resource: key.arn,
      resourcePolicy: key.policy,
      principalIds: key.principalIds,
      context: {
        ...callContext(this.#cloud, call),
        ...keyContext(key),
        'kms:ResourceAliases': this.aliasesOf(key.id),
        ...(typeof requested === 'string' && requested.includes('alias/')
          ? { 'kms:RequestAlias': requested.slice(requested.indexOf('alias/')) }
          : {}),
        ...context,
      },
    });
  }
}

/** The condition keys of a KMS call that do not hang on a key. */
export const callContext = (cloud: Cloud, call: Call): Record<string, string> => ({
  'kms:CallerAccount': cloud.accountId,
  ...(call.via && INTEGRATED.has(call.via)
    ? { 'kms:ViaService': `${call.via}.${cloud.region}.amazonaws.com` }
    : {}),
});

/** The condition keys that tell what a key is, or is to be. */
export const traitContext = (key: Pick<KeyRecord, 'spec' | 'external'>): Record<string, string> => {
  const { KeySpec, KeyUsage, Origin } = traitsOf(key);
  return {
    'kms:KeySpec': KeySpec,
    'kms:KeyUsage': KeyUsage,
    'kms:KeyOrigin': Origin,
    'kms:MultiRegion': 'false',
  };
};

const keyContext = (key: KeyRecord): Record<string, string> => ({
  ...traitContext(key),
  ...Object.fromEntries(Object.entries(key.tags).map(([name, value]) => [`aws:ResourceTag/${name}`, value])),
});
