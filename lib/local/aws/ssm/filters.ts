import { AwsError, type Call } from '../cloud.ts';
import { list } from '../operations.ts';
import type { ParameterRecord } from './parameters.ts';

interface Filter {
  readonly Key?: string;
  readonly Option?: string;
  readonly Values?: readonly string[];
}

type Test = (record: ParameterRecord) => boolean;

const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  Name: ['Equals', 'BeginsWith', 'Contains'],
  Path: ['Recursive', 'OneLevel'],
  Type: ['Equals', 'BeginsWith'],
  KeyId: ['Equals', 'BeginsWith'],
  Tier: ['Equals'],
  DataType: ['Equals'],
};

const subject: Readonly<Record<string, (record: ParameterRecord) => string>> = {
  Name: (record) => record.name,
  Type: (record) => record.type,
  KeyId: (record) => record.versions.at(-1)?.keyId ?? '',
  Tier: () => 'Standard',
  DataType: () => 'text',
};

/** Whether a parameter lies under a path: anywhere, or on the next level only. */
export const underPath = (name: string, path: string, recursive: boolean): boolean => {
  const prefix = path.endsWith('/') ? path : `${path}/`;
  const full = name.startsWith('/') ? name : `/${name}`;
  return full.startsWith(prefix) && (recursive || !full.slice(prefix.length).includes('/'));
};

const testOf = (filter: Filter, keys: readonly string[]): Test => {
  const { Key = '', Values = [] } = filter;
  const tag = /^tag:(.+)$/.exec(Key)?.[1];
  if (tag !== undefined && keys.includes('tag')) {
    return ({ tags }) => tag in tags && (Values.length === 0 || Values.includes(tags[tag] ?? ''));
  }
  if (!keys.includes(Key))
    throw new AwsError('InvalidFilterKey', `The following filter key is not valid: ${Key}`);
  const options = OPTIONS[Key] ?? [];
  const option = filter.Option ?? options[Key === 'Path' ? 1 : 0] ?? '';
  if (!options.includes(option)) {
    throw new AwsError(
      'InvalidFilterOption',
      `The following filter option is not valid: ${option}. Valid options include: [${options.join(', ')}].`,
    );
  }
  if (Values.length === 0) {
    throw new AwsError(
      'InvalidFilterValue',
      `The following filter values are missing : null for filter key ${Key}`,
    );
  }
  if (Key === 'Path')
    return ({ name }) => Values.some((path) => underPath(name, path, option === 'Recursive'));
  const read = subject[Key] ?? (() => '');
  if (option === 'BeginsWith') return (record) => Values.some((value) => read(record).startsWith(value));
  if (option === 'Contains') return (record) => Values.some((value) => read(record).includes(value));
  // A name is found with or without its leading slash.
  return (record) =>
    Values.some((value) => value === read(record) || (Key === 'Name' && `/${value}` === read(record)));
};

/**
 * The parameters that pass all ParameterFilters of a call. Throws InvalidFilterKey, InvalidFilterOption or
 * InvalidFilterValue.
 *
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterStringFilter.html
 *
 * @param keys the filter keys that the operation takes; `tag` stands for `tag:…`
 */
export const readFilters = (call: Call, keys: readonly string[]): Test => {
  const tests = list<Filter>(call, 'ParameterFilters').map((filter) => testOf(filter, keys));
  return (record) => tests.every((test) => test(record));
};
