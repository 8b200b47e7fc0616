import {
  DeleteParametersCommand,
  GetParameterHistoryCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  type Parameter,
  PutParameterCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { KmError } from '../errors.ts';
import { Secret } from '../secret.ts';

export interface TokenToWrite {
  readonly name: string;
  readonly token: Secret;
  /** Alias or ARN of the sandbox's own key. */
  readonly keyId: string;
  readonly description: string;
}

/** One version in a parameter's history. */
export interface ParameterVersion {
  /** Its number, from 1 up in the order of the writes. */
  readonly version: number;
  readonly value: Secret;
  readonly description: string | undefined;
  /** Milliseconds since the epoch. */
  readonly lastModified: number;
}

/** A parameter as it is now. */
export interface StoredParameter {
  readonly value: Secret;
  /** Milliseconds since the epoch. */
  readonly lastModified: number;
}

/** What the broker needs of Parameter Store. Each function names the IAM actions that it needs. */
export interface ParameterStore {
  /** Decrypted values of those that exist, ten names at most. `ssm:GetParameters`, `kms:Decrypt`. */
  readonly read: (names: readonly string[]) => Promise<ReadonlyMap<string, Secret>>;
  /** The same, each with when it was written. */
  readonly readStored: (names: readonly string[]) => Promise<ReadonlyMap<string, StoredParameter>>;
  /** Values of all parameters below a path that are not encrypted. `ssm:GetParametersByPath`. */
  readonly readBelow: (path: string) => Promise<ReadonlyMap<string, string>>;
  /** Names of all parameters below a path, without their values. `ssm:GetParametersByPath`. */
  readonly list: (path: string) => Promise<readonly string[]>;
  /**
   * Writes a new version and returns its number: 1 where there was no such parameter. `ssm:PutParameter`,
   * `kms:Encrypt`. Throws `ErrParameterWriteFailed`, or `ErrSandboxKeyUnknown`
   * when KMS does not know the key: not any more, or not yet.
   */
  readonly write: (token: TokenToWrite) => Promise<number>;
  /** All versions in the order of their writes; none when there is no such parameter. `ssm:GetParameterHistory`, and with `decrypt` `kms:Decrypt`. */
  readonly history: (
    name: string,
    options: { readonly decrypt: boolean },
  ) => Promise<readonly ParameterVersion[]>;
  /** Deletes what exists of these. `ssm:DeleteParameters`. */
  readonly remove: (names: readonly string[]) => Promise<void>;
}

/** Parameter Store's limit for names in one GetParameters or DeleteParameters. */
export const MOST_NAMES_IN_A_CALL = 10;

const MOST_BYTES = 4096;
const HISTORY_PAGE = 50;

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'UnknownError');

const failed = (operation: string, error: unknown): KmError =>
  new KmError(
    'ErrAws',
    `${operation} failed: ${nameOf(error)}: ${error instanceof Error ? error.message : ''}`,
    {
      cause: error,
    },
  );

/** Parameter Store's validation errors quote the value: neither message nor cause of a failed write is passed on. */
const writeFailed = (name: string, reason: string): KmError =>
  new KmError('ErrParameterWriteFailed', `The token could not be written to ${name}: ${reason}`, {
    remedy: "Check that the sandbox's stack and key still exist, and the refresher's role.",
  });

/** Parameter Store's name for KMS's NotFoundException and KMSInvalidStateException. */
const KEY_UNKNOWN = 'InvalidKeyId';

const keyUnknown = (name: string, keyId: string): KmError =>
  new KmError(
    'ErrSandboxKeyUnknown',
    `The token could not be written to ${name}: KMS does not know its key ${keyId}, or has disabled it (${KEY_UNKNOWN})`,
    {
      remedy: "Check that the sandbox's stack still exists, and create the sandbox again if its key is gone.",
    },
  );

/**
 * Parameter Store as the broker uses it.
 *
 * Every function but `write` throws `ErrAws` with the AWS error's name and message.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/Welcome.html
 */
export const createParameterStore = (ssm: Pick<SSMClient, 'send'>): ParameterStore => {
  const readStored: ParameterStore['readStored'] = async (names) => {
    const { Parameters = [] } = await ssm
      .send(new GetParametersCommand({ Names: [...names], WithDecryption: true }))
      .catch((error: unknown) => {
        throw failed('GetParameters', error);
      });
    return new Map(
      Parameters.flatMap(({ Name, Value, LastModifiedDate }) =>
        Name && Value
          ? [[Name, { value: new Secret(Value), lastModified: LastModifiedDate?.getTime() ?? 0 }]]
          : [],
      ),
    );
  };

  const below = async (Path: string): Promise<readonly Parameter[]> => {
    const found: Parameter[] = [];
    let NextToken: string | undefined;
    do {
      const page = await ssm
        .send(
          new GetParametersByPathCommand({
            Path,
            Recursive: true,
            WithDecryption: false,
            ...(NextToken === undefined ? {} : { NextToken }),
          }),
        )
        .catch((error: unknown) => {
          throw failed('GetParametersByPath', error);
        });
      found.push(...(page.Parameters ?? []));
      NextToken = page.NextToken;
    } while (NextToken);
    return found;
  };

  return {
    readStored,

    read: async (names) => new Map([...(await readStored(names))].map(([name, { value }]) => [name, value])),

    readBelow: async (path) =>
      new Map(
        (await below(path)).flatMap(({ Name, Value, Type }) =>
          Name && Value && Type !== 'SecureString' ? [[Name, Value]] : [],
        ),
      ),

    list: async (path) => (await below(path)).flatMap(({ Name }) => Name ?? []),

    write: async ({ name, token, keyId, description }) => {
      const value = token.reveal();
      const bytes = Buffer.byteLength(value);
      if (bytes > MOST_BYTES) {
        throw writeFailed(name, `it takes ${bytes} bytes, and a standard parameter holds ${MOST_BYTES}`);
      }
      const { Version } = await ssm
        .send(
          new PutParameterCommand({
            Name: name,
            Value: value,
            Type: 'SecureString',
            KeyId: keyId,
            Description: description,
            Tier: 'Standard',
            Overwrite: true,
          }),
        )
        .catch((error: unknown) => {
          throw nameOf(error) === KEY_UNKNOWN ? keyUnknown(name, keyId) : writeFailed(name, nameOf(error));
        });
      return Version ?? 0;
    },

    history: async (name, { decrypt }) => {
      const versions: ParameterVersion[] = [];
      let NextToken: string | undefined;
      do {
        try {
          const page = await ssm.send(
            new GetParameterHistoryCommand({
              Name: name,
              WithDecryption: decrypt,
              MaxResults: HISTORY_PAGE,
              ...(NextToken === undefined ? {} : { NextToken }),
            }),
          );
          for (const { Version, Value, Description, LastModifiedDate } of page.Parameters ?? []) {
            versions.push({
              version: Version ?? 0,
              value: new Secret(Value ?? ''),
              description: Description,
              lastModified: LastModifiedDate?.getTime() ?? 0,
            });
          }
          NextToken = page.NextToken;
        } catch (error) {
          if (nameOf(error) === 'ParameterNotFound') return [];
          throw failed('GetParameterHistory', error);
        }
      } while (NextToken);
      return versions.sort((one, other) => one.version - other.version);
    },

    remove: async (names) => {
      for (let start = 0; start < names.length; start += MOST_NAMES_IN_A_CALL) {
        await ssm
          .send(new DeleteParametersCommand({ Names: names.slice(start, start + MOST_NAMES_IN_A_CALL) }))
          .catch((error: unknown) => {
            throw failed('DeleteParameters', error);
          });
      }
    },
  };
};
