import { AwsError, type Call, type Cloud } from '../cloud.ts';
import { parameterArn, type Reference, readReference } from './parameter-name.ts';

export type ParameterType = 'String' | 'StringList' | 'SecureString';

/** One version of a parameter. Times are milliseconds since the epoch. */
export interface ParameterVersion {
  version: number;
  /** The text, or for a SecureString its KMS ciphertext in base64: the plain text is never stored. */
  value: string;
  keyId?: string;
  description?: string;
  allowedPattern?: string;
  modified: number;
  modifiedBy: string;
}

/** A parameter as the table `ssm-parameters` holds it, by name; versions oldest first, at least one. */
export interface ParameterRecord {
  name: string;
  type: ParameterType;
  tags: Record<string, string>;
  versions: ParameterVersion[];
}

/** The errors of KMS as Parameter Store passes them on. */
const KEY_ERRORS = new Set(['NotFoundException', 'DisabledException', 'KMSInvalidStateException']);

/** The parameters of the account, and their encryption as the caller. */
export class Parameters {
  readonly cloud: Cloud;
  readonly table;

  constructor(cloud: Cloud) {
    this.cloud = cloud;
    this.table = cloud.table<ParameterRecord>('ssm-parameters');
  }

  arnOf(name: string): string {
    return parameterArn(this.cloud, name);
  }

  /** Reads a name, or an ARN: which does not tell `/x` from `x`, so that what is there decides. */
  reference(text: string): Reference {
    const reference = readReference(this.cloud, text);
    const { name } = reference;
    const slashed = text.startsWith('arn:') && !this.table.has(name) && this.table.has(`/${name}`);
    return slashed ? { ...reference, name: `/${name}` } : reference;
  }

  /** Throws AccessDeniedException unless the caller may do this operation on the parameter, there or not. */
  authorize(
    call: Call,
    name: string,
    action: string = call.operation,
    context: Readonly<Record<string, string | readonly string[]>> = {},
  ): void {
    const tags = Object.entries(this.table.get(name)?.tags ?? {});
    this.cloud.authorize(call, {
      action: `ssm:${action}`,
      resource: this.arnOf(name),
      context: {
        ...Object.fromEntries(tags.map(([key, value]) => [`aws:ResourceTag/${key}`, value])),
        ...Object.fromEntries(tags.map(([key, value]) => [`ssm:resourceTag/${key}`, value])),
        ...context,
      },
    });
  }

  /** Encrypts a value under its key, as the caller, bound to the parameter's ARN. */
  async seal(call: Call, name: string, value: string, keyId: string): Promise<string> {
    const answer = await this.#kms(call, 'Encrypt', {
      KeyId: keyId,
      Plaintext: Buffer.from(value, 'utf8').toString('base64'),
      EncryptionContext: { PARAMETER_ARN: this.arnOf(name) },
    });
    return answer.CiphertextBlob ?? '';
  }

  /** The value of one version as it is answered: decrypted when it is secure and the caller asks for that. */
  async reveal(call: Call, record: ParameterRecord, version: ParameterVersion): Promise<string> {
    if (record.type !== 'SecureString' || call.input.WithDecryption !== true) return version.value;
    const answer = await this.#kms(call, 'Decrypt', {
      CiphertextBlob: version.value,
      EncryptionContext: { PARAMETER_ARN: this.arnOf(record.name) },
    });
    return Buffer.from(answer.Plaintext ?? '', 'base64').toString('utf8');
  }

  async #kms(call: Call, operation: string, input: object): Promise<Record<string, string>> {
    try {
      return await this.cloud.call('kms', operation, input, call.caller, 'ssm');
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const because = `(Service: Kms, Status Code: ${error.status}, Request ID: ${call.requestId})`;
      throw KEY_ERRORS.has(error.code)
        ? new AwsError('InvalidKeyId', `${error.message} ${because}`)
        : new AwsError(error.code, `${error.message} ${because}`, error.status);
    }
  }

  /** The version that a reference means. Throws ParameterNotFound or ParameterVersionNotFound. */
  resolve(reference: Reference): { record: ParameterRecord; version: ParameterVersion } {
    const record = this.table.get(reference.name);
    const latest = record?.versions.at(-1);
    if (!record || !latest) throw new AwsError('ParameterNotFound', `Parameter ${reference.name} not found.`);
    if (reference.selector === undefined) return { record, version: latest };
    const wanted = reference.selector.slice(1);
    const version = record.versions.find((one) => String(one.version) === wanted);
    if (version) return { record, version };
    throw new AwsError(
      'ParameterVersionNotFound',
      `Systems Manager could not find version ${wanted} of ${reference.name}. Verify the version and try again.`,
    );
  }

  /** A parameter as Get operations answer it. */
  async answer(
    call: Call,
    record: ParameterRecord,
    version: ParameterVersion,
    selector?: string,
  ): Promise<Record<string, unknown>> {
    return {
      Name: record.name,
      Type: record.type,
      Value: await this.reveal(call, record, version),
      Version: version.version,
      ...(selector === undefined ? {} : { Selector: selector }),
      LastModifiedDate: new Date(version.modified),
      ARN: this.arnOf(record.name),
      DataType: 'text',
    };
  }
}

/** What of a version is told without its value. */
export const versionMetadata = (
  record: ParameterRecord,
  version: ParameterVersion,
): Record<string, unknown> => ({
  Name: record.name,
  Type: record.type,
  ...(version.keyId === undefined ? {} : { KeyId: version.keyId }),
  LastModifiedDate: new Date(version.modified),
  LastModifiedUser: version.modifiedBy,
  ...(version.description === undefined ? {} : { Description: version.description }),
  ...(version.allowedPattern === undefined ? {} : { AllowedPattern: version.allowedPattern }),
  Version: version.version,
  Tier: 'Standard',
  Policies: [],
  DataType: 'text',
});
