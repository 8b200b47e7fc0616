import { AwsError, type Call } from '../cloud.ts';
import { integer, list, type Operation, optionalText, pageOf, text } from '../operations.ts';
import { readFilters, underPath } from './filters.ts';
import { type ParameterRecord, type Parameters, versionMetadata } from './parameters.ts';

const MOST_NAMES = 10;

/** The names of a call that takes up to ten. */
export const namesOf = (call: Call): string[] => {
  const names = list<string>(call, 'Names');
  if (names.length < 1 || names.length > MOST_NAMES || names.some((name) => typeof name !== 'string')) {
    const bound = names.length < 1 ? 'greater than or equal to 1' : `less than or equal to ${MOST_NAMES}`;
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value '[${names.join(', ')}]' at 'names' failed to satisfy constraint: ` +
        `Member must have length ${bound}`,
    );
  }
  return names;
};

const byName = (a: ParameterRecord, b: ParameterRecord): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0;

/** GetParameter, GetParameters, GetParametersByPath, GetParameterHistory and DescribeParameters. */
export const readOperations = (parameters: Parameters): Record<string, Operation> => ({
  async GetParameter(call) {
    const reference = parameters.reference(text(call, 'Name', { min: 1, max: 2048 }));
    parameters.authorize(call, reference.name);
    const { record, version } = parameters.resolve(reference);
    return { Parameter: await parameters.answer(call, record, version, reference.selector) };
  },

  async GetParameters(call) {
    const references = [...new Set(namesOf(call))].map((name) => ({
      asked: name,
      ...parameters.reference(name),
    }));
    for (const { name } of references) parameters.authorize(call, name);
    const found: unknown[] = [];
    const invalid: string[] = [];
    for (const reference of references) {
      let known: ReturnType<Parameters['resolve']>;
      try {
        known = parameters.resolve(reference);
      } catch {
        invalid.push(reference.asked);
        continue;
      }
      found.push(await parameters.answer(call, known.record, known.version, reference.selector));
    }
    return { Parameters: found, InvalidParameters: invalid };
  },

  async GetParametersByPath(call) {
    const path = text(call, 'Path', { min: 1, max: 2048 });
    if (!/^\/(?:[a-zA-Z0-9_.-]+\/?)*$/.test(path)) {
      throw new AwsError(
        'ValidationException',
        'The parameter doesn\'t meet the parameter name requirements. The parameter name must begin with a forward slash "/".',
      );
    }
    const recursive = call.input.Recursive === true;
    parameters.authorize(call, path, call.operation, { 'ssm:Recursive': String(recursive) });
    const passes = readFilters(call, ['Type', 'KeyId']);
    const size = integer(call, 'MaxResults', { min: 1, max: 10, fallback: 10 });
    const all = parameters.table
      .values()
      .filter((record) => underPath(record.name, path, recursive) && passes(record))
      .sort(byName);
    const page = pageOf(all, optionalText(call, 'NextToken'), size);
    const answers: unknown[] = [];
    for (const record of page.items) {
      const { version } = parameters.resolve({ name: record.name });
      answers.push(await parameters.answer(call, record, version));
    }
    return { Parameters: answers, ...(page.next ? { NextToken: page.next } : {}) };
  },

  async GetParameterHistory(call) {
    const { name } = parameters.reference(text(call, 'Name', { min: 1, max: 2048 }));
    parameters.authorize(call, name);
    const { record } = parameters.resolve({ name });
    const size = integer(call, 'MaxResults', { min: 1, max: 50, fallback: 50 });
    const page = pageOf(record.versions, optionalText(call, 'NextToken'), size);
    const answers: unknown[] = [];
    for (const version of page.items) {
      const Value = await parameters.reveal(call, record, version);
      answers.push({ ...versionMetadata(record, version), Value, Labels: [] });
    }
    return { Parameters: answers, ...(page.next ? { NextToken: page.next } : {}) };
  },

  DescribeParameters(call) {
    const { cloud } = parameters;
    cloud.authorize(call, {
      action: 'ssm:DescribeParameters',
      resource: `arn:aws:ssm:${cloud.region}:${cloud.accountId}:*`,
    });
    const passes = readFilters(call, ['Name', 'Path', 'Type', 'KeyId', 'Tier', 'DataType', 'tag']);
    const size = integer(call, 'MaxResults', { min: 1, max: 50, fallback: 10 });
    const page = pageOf(
      parameters.table.values().filter(passes).sort(byName),
      optionalText(call, 'NextToken'),
      size,
    );
    const answers = page.items.map((record) => {
      const { version } = parameters.resolve({ name: record.name });
      return { ...versionMetadata(record, version), ARN: parameters.arnOf(record.name) };
    });
    return { Parameters: answers, ...(page.next ? { NextToken: page.next } : {}) };
  },
});
