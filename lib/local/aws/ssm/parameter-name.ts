import { AwsError, type Cloud } from '../cloud.ts';

const MAX_LEVELS = 15;
const MAX_LENGTH = 1011;

const notAllowed = (): AwsError =>
  new AwsError(
    'ValidationException',
    'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths ' +
      'divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_',
  );

/** Checks a name that is to be written. Throws ValidationException or HierarchyLevelLimitExceededException. */
export const checkName = (name: string): void => {
  if (/^arn:/.test(name)) throw notAllowed();
  if (name.includes('/') && !name.startsWith('/')) {
    throw new AwsError('ValidationException', 'Parameter name must be a fully qualified name.');
  }
  if (!/^(?:\/[a-zA-Z0-9_.-]+)+$|^[a-zA-Z0-9_.-]+$/.test(name) || /^\/?(?:aws|ssm)/i.test(name))
    throw notAllowed();
  if (name.length > MAX_LENGTH) throw notAllowed();
  if (name.split('/').length - 1 > MAX_LEVELS) {
    throw new AwsError(
      'HierarchyLevelLimitExceededException',
      `A hierarchy can have a maximum of ${MAX_LEVELS} levels: ${name}`,
    );
  }
};

/** The ARN of a parameter, or of a path of parameters. */
export const parameterArn = (
  { region, accountId }: Pick<Cloud, 'region' | 'accountId'>,
  name: string,
): string => `arn:aws:ssm:${region}:${accountId}:parameter/${name.replace(/^\//, '')}`;

export interface Reference {
  readonly name: string;
  /** `:3` for a version, `:label` for a label, as it was asked for. */
  readonly selector?: string;
}

/** Reads a name to look up: a name or an ARN, with or without a selector. Throws ValidationException. */
export const readReference = (cloud: Pick<Cloud, 'region' | 'accountId'>, text: string): Reference => {
  const prefix = parameterArn(cloud, '');
  const byArn = text.startsWith(prefix);
  let rest = byArn ? text.slice(prefix.length) : text;
  if (byArn && rest.includes('/')) rest = `/${rest}`;
  const parts = /^(\/?[a-zA-Z0-9_.-]+(?:\/[a-zA-Z0-9_.-]+)*)(:[a-zA-Z0-9_.-]+)?$/.exec(rest);
  if (!parts?.[1]) throw notAllowed();
  const [, name, selector] = parts;
  return { name, ...(selector ? { selector } : {}) };
};
