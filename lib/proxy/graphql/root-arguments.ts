import { type FieldNode, Kind, type OperationDefinitionNode } from 'graphql';
import type { Fields } from '../rest/json-body.ts';

/** The values of one operation's variables, as GitHub will see them. */
export interface Variables {
  readonly given: Fields;
  readonly operation: OperationDefinitionNode;
}

/** Judged before it is made lower case: letters beyond ASCII turn into such of ASCII, as the Kelvin sign into k. */
const OWNER = /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98}[A-Za-z0-9_])?$/;
const NAME = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/;

/** `owner/name` in lower case, if both are the names of such. */
const repoNamed = (owner: string, name: string): string | undefined =>
  OWNER.test(owner) && NAME.test(name) ? `${owner}/${name}`.toLowerCase() : undefined;

/** A variable that is given counts, if only as null; else its default. */
const variableValue = (name: string, { given, operation }: Variables): unknown => {
  const definition = operation.variableDefinitions?.find(({ variable }) => variable.name.value === name);
  if (!definition) return undefined;
  if (Object.hasOwn(given, name)) return given[name];
  const { defaultValue } = definition;
  return defaultValue?.kind === Kind.STRING || defaultValue?.kind === Kind.ENUM
    ? defaultValue.value
    : undefined;
};

/** Text of an argument, whether it is a literal or a variable; `undefined` when it is neither, or not text. */
const textOf = (field: FieldNode, name: string, variables: Variables): string | undefined => {
  const value = field.arguments?.find((argument) => argument.name.value === name)?.value;
  if (value?.kind === Kind.STRING || value?.kind === Kind.ENUM) return value.value;
  const resolved = value?.kind === Kind.VARIABLE ? variableValue(value.name.value, variables) : undefined;
  return typeof resolved === 'string' ? resolved : undefined;
};

/** The repo of `repository(owner:, name:)`, or `undefined` where it cannot be told. */
export const repoOfField = (field: FieldNode, variables: Variables): string | undefined => {
  const owner = textOf(field, 'owner', variables);
  const name = textOf(field, 'name', variables);
  return owner === undefined || name === undefined ? undefined : repoNamed(owner, name);
};

/** Filters that only narrow a search down, each with one word. `org:` and `user:` would widen it. */
const FILTERS =
  /^(?:(?:state|is|type|author|assignee|review-requested|mentions|involves|label|base|head|draft):[A-Za-z0-9@_.[\]-]+)$/;
const REPO_FILTER = /^repo:([^/]+)\/([^/]+)$/;

/**
 * The repo of `search(type: ISSUE, query: "repo:owner/name …")`, as `gh` asks it, or `undefined` where it cannot be told:
 * exactly one `repo:`, and beside it only filters that narrow the search down; no words, quotes, signs or operators.
 *
 * {@link https://docs.github.com/en/search-github/searching-on-github/searching-issues-and-pull-requests}
 */
export const repoOfSearch = (field: FieldNode, variables: Variables): string | undefined => {
  if (textOf(field, 'type', variables) !== 'ISSUE') return undefined;
  const terms = textOf(field, 'query', variables)?.split(' ') ?? [];
  const repos = terms.flatMap((term) => {
    const [, owner, name] = REPO_FILTER.exec(term) ?? [];
    return owner && name ? [repoNamed(owner, name)] : [];
  });
  const others = terms.filter((term) => !REPO_FILTER.test(term) && term !== '');
  return repos.length === 1 && others.every((term) => FILTERS.test(term)) ? repos[0] : undefined;
};
