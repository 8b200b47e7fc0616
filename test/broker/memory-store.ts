import {
  MOST_NAMES_IN_A_CALL,
  type ParameterStore,
  type TokenToWrite,
} from '../../lib/broker/parameter-store.ts';
import { KmError } from '../../lib/errors.ts';
import { Secret } from '../../lib/secret.ts';

interface Version {
  readonly value: string;
  readonly description: string | undefined;
  readonly lastModified: number;
  readonly keyId?: string;
}

export interface MemoryStore extends ParameterStore {
  readonly versions: Map<string, Version[]>;
  /** Calls by function: `read`, with its names; and so on. */
  readonly calls: { readonly operation: string; readonly names: readonly string[] }[];
  readonly put: (name: string, value: string, more?: Partial<Version>) => void;
  /** Throws in place of the operation, when it answers an error. */
  fault: (operation: string, name: string, token?: TokenToWrite) => Error | undefined;
}

/** A Parameter Store in memory, with its history and its limit of ten names. */
export const memoryStore = (now: () => number, seed: Readonly<Record<string, string>> = {}): MemoryStore => {
  const versions = new Map<string, Version[]>();
  const calls: { operation: string; names: readonly string[] }[] = [];
  const put = (name: string, value: string, more: Partial<Version> = {}): void => {
    const version = { value, description: undefined, lastModified: now(), ...more };
    versions.set(name, [...(versions.get(name) ?? []), version]);
  };
  for (const [name, value] of Object.entries(seed)) put(name, value);

  const call = (operation: string, names: readonly string[], token?: TokenToWrite): void => {
    calls.push({ operation, names });
    if (names.length > MOST_NAMES_IN_A_CALL) throw new Error(`${operation} of ${names.length} names`);
    const error = names
      .map((name) => store.fault(operation, name, token))
      .find((found) => found !== undefined);
    if (error) throw error;
  };

  const store: MemoryStore = {
    versions,
    calls,
    put,
    fault: () => undefined,
    read: async (names) => {
      call('read', names);
      return new Map(
        names.flatMap((name) => {
          const value = versions.get(name)?.at(-1)?.value;
          return value === undefined ? [] : [[name, new Secret(value)]];
        }),
      );
    },
    readStored: async (names) => {
      call('read', names);
      return new Map(
        names.flatMap((name) => {
          const version = versions.get(name)?.at(-1);
          return version === undefined
            ? []
            : [[name, { value: new Secret(version.value), lastModified: version.lastModified }]];
        }),
      );
    },
    readBelow: async (path) => {
      call('list', [path]);
      return new Map(
        [...versions].flatMap(([name, all]) =>
          name.startsWith(`${path}/`) ? [[name, all.at(-1)?.value ?? '']] : [],
        ),
      );
    },
    list: async (path) => {
      call('list', [path]);
      return [...versions.keys()].filter((name) => name.startsWith(`${path}/`));
    },
    write: async (token) => {
      call('write', [token.name], token);
      put(token.name, token.token.reveal(), { description: token.description, keyId: token.keyId });
      return versions.get(token.name)?.length ?? 0;
    },
    history: async (name, { decrypt }) => {
      call(decrypt ? 'decrypt' : 'history', [name]);
      return (versions.get(name) ?? []).map(({ value, description, lastModified }, index) => ({
        version: index + 1,
        value: new Secret(decrypt ? value : 'AQICAHciphertext'),
        description,
        lastModified,
      }));
    },
    remove: async (names) => {
      for (const name of names) call('remove', [name]);
      for (const name of names) versions.delete(name);
    },
  };
  return store;
};

export const writeRefused = (name: string): KmError =>
  new KmError('ErrParameterWriteFailed', `The token could not be written to ${name}: AccessDeniedException`);
