import {
  buildSchema,
  execute,
  GraphQLError,
  OverlappingFieldsCanBeMergedRule,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import { GitHubError } from '../github-error.ts';
import type { Reply, RestContext, Route } from '../rest/route.ts';
import { ISSUE_SCHEMA } from './issue-schema.ts';
import { mutations } from './mutations.ts';
import { problemJson } from './problem.ts';
import { queries } from './queries.ts';
import { REPOSITORY_SCHEMA } from './repository-schema.ts';

const DOCUMENTATION = 'https://docs.github.com/graphql';

/** GitHub lets the same field have two types where no object has both: `gh` asks for `state` that way. */
const RULES = specifiedRules.filter((rule) => rule !== OverlappingFieldsCanBeMergedRule);

const schemaOf = () => buildSchema(`${REPOSITORY_SCHEMA}${ISSUE_SCHEMA}`);

/** Built at the first request: most runs never ask. */
let schema: ReturnType<typeof schemaOf> | undefined;

const refused = (errors: readonly GraphQLError[]): Reply => ({
  status: 200,
  body: { errors: errors.map(problemJson) },
});

const said = (message: string): Reply => ({ status: 200, body: { errors: [{ message }] } });

const answer = async (context: RestContext): Promise<Reply> => {
  if (context.principal.kind === 'anonymous')
    throw new GitHubError(401, 'This endpoint requires you to be authenticated.', {
      documentation: `${DOCUMENTATION}/guides/forming-calls-with-graphql#authenticating-with-graphql`,
    });
  const { query, variables, operationName } = await context.body();
  if (typeof query !== 'string') return said('A query attribute must be specified and must be a string.');
  if (variables !== undefined && variables !== null && typeof variables !== 'object')
    return said('Variables must be an object.');
  schema ??= schemaOf();
  let document: ReturnType<typeof parse>;
  try {
    document = parse(query, { maxTokens: 10_000 });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    return refused([error]);
  }
  const problems = validate(schema, document, RULES);
  if (problems.length > 0) return refused(problems);
  const { data, errors } = await execute({
    schema,
    document,
    rootValue: { ...queries(context), ...mutations(context) },
    variableValues: variables as Readonly<Record<string, unknown>> | null,
    operationName: typeof operationName === 'string' ? operationName : null,
  });
  return { status: 200, body: { data, ...(errors ? { errors: errors.map(problemJson) } : {}) } };
};

/**
 * GraphQL, for what the `gh` command asks of a repository.
 * @see https://docs.github.com/en/graphql/guides/forming-calls-with-graphql
 */
export const graphqlRoutes: readonly Route[] = [
  { method: 'POST', pattern: '/graphql', auth: 'anyone', handle: answer },
];
