import { GraphQLError } from 'graphql';
import { GitHubError } from '../github-error.ts';

/** A refusal as GitHub's GraphQL words it; its type stands beside the message. */
export const problem = (type: string, message: string): GraphQLError =>
  new GraphQLError(message, { extensions: { type } });

export const forbidden = (): GraphQLError => problem('FORBIDDEN', 'Resource not accessible by integration');

const TYPES: Readonly<Record<number, string>> = { 403: 'FORBIDDEN', 404: 'NOT_FOUND' };

/** What REST would refuse, as an error of a mutation. */
export const problemOf = (error: GitHubError): GraphQLError => {
  const detail = error.errors?.[0] as { message?: string; field?: string; code?: string } | undefined;
  const message = detail?.message ?? (detail ? `${detail.field} is ${detail.code}` : error.message);
  return problem(TYPES[error.status] ?? 'UNPROCESSABLE', message);
};

/** An error as it stands in an answer. */
export const problemJson = (error: GraphQLError): object => {
  const { type, ...extensions } = error.extensions;
  const cause = error.originalError instanceof GitHubError ? problemOf(error.originalError) : undefined;
  const kind = type ?? cause?.extensions.type;
  return {
    ...(kind === undefined ? {} : { type: kind }),
    ...(error.path ? { path: error.path } : {}),
    ...(Object.keys(extensions).length > 0 ? { extensions } : {}),
    ...(error.locations ? { locations: error.locations } : {}),
    message: cause?.message ?? error.message,
  };
};
