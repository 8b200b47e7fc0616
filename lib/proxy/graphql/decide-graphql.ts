import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  OperationTypeNode,
  parse,
  print,
  visit,
} from 'graphql';
import type { Refusal } from '../decision.ts';
import type { ProxyPolicy } from '../proxy-policy.ts';
import { type Fields, readJsonObject, refuseBody, shownText } from '../rest/json-body.ts';
import { walkQuery } from './walk-query.ts';

/** Many times what gh's longest query takes. Characters, and tokens. */
const LONGEST_QUERY = 100_000;
const MOST_TOKENS = 10_000;
const LONGEST_BODY = 256 * 1024;

export interface AllowedGraphql {
  readonly allowed: true;
  /** JSON, written anew from what was read. Only this is to be sent, as `application/json`. */
  readonly body: Buffer;
  /** `owner/name` in lower case; empty for a query about no repository. */
  readonly repos: readonly string[];
}

const refuse = (reason: string, remedy: string): Refusal =>
  refuseBody(reason, remedy, { rule: 'graphql', status: 403 });

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

interface Asked {
  readonly query: string;
  readonly variables: Fields;
  readonly operationName?: string;
}

/** `extensions` are left out of what is sent: GitHub reads none, and a stored query would not be the one read here. */
const readBody = (body: Buffer): Refusal | Asked => {
  if (body.length > LONGEST_BODY) {
    return refuseBody('A GraphQL request holds at most 256 KiB.', 'Ask for less at once.', { status: 413 });
  }
  const read = readJsonObject(body);
  if ('allowed' in read) return read;
  const { query, variables, operationName, extensions: _, ...others } = read.fields;
  const [foreign] = Object.keys(others);
  if (foreign !== undefined) {
    return refuseBody(
      `GraphQL knows no '${shownText(foreign)}'.`,
      'Send query, variables and operationName only.',
    );
  }
  if (typeof query !== 'string' || query.length > LONGEST_QUERY) {
    return refuseBody(
      `'query' has to be text of at most ${LONGEST_QUERY} characters.`,
      'Send the text of the query.',
    );
  }
  if (variables !== undefined && variables !== null && !isObject(variables)) {
    return refuseBody("'variables' have to be an object.", 'Send them as one.');
  }
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string') {
    return refuseBody("'operationName' has to be text.", 'Leave it out, or send the name of an operation.');
  }
  return { query, variables: variables ?? {}, ...(operationName ? { operationName } : {}) };
};

const parsed = (query: string): DocumentNode | undefined => {
  try {
    return parse(query, { noLocation: true, maxTokens: MOST_TOKENS });
  } catch {
    // A syntax error, or more nesting than the stack takes.
    return undefined;
  }
};

/** As it is sent: one form of string, and a repository's name only as long as it is that repository's. */
const written = (document: DocumentNode): string =>
  print(
    visit(document, {
      StringValue: (node) => ({ ...node, block: false }),
      OperationDefinition: (node) => ({ ...node, description: undefined }),
      FragmentDefinition: (node) => ({ ...node, description: undefined }),
      Field: {
        leave: (node) =>
          node.name.value !== 'repository'
            ? undefined
            : {
                ...node,
                arguments: [
                  ...(node.arguments ?? []),
                  {
                    kind: Kind.ARGUMENT,
                    name: { kind: Kind.NAME, value: 'followRenames' },
                    value: { kind: Kind.BOOLEAN, value: false },
                  },
                ],
              },
      },
    }),
  );

const decideDocument = (
  policy: ProxyPolicy,
  document: DocumentNode,
  variables: Fields,
): Refusal | readonly string[] => {
  const fragments = new Map<string, FragmentDefinitionNode>();
  const operations = document.definitions.flatMap((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION ? [definition] : [],
  );
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) continue;
    if (definition.kind !== Kind.FRAGMENT_DEFINITION || fragments.has(definition.name.value)) {
      return refuse(
        'A query holds operations, and fragments of different names.',
        'Leave everything else out.',
      );
    }
    fragments.set(definition.name.value, definition);
  }
  const repos = new Set<string>();
  for (const operation of operations) {
    if (operation.operation !== OperationTypeNode.QUERY) {
      return refuse(
        `A ${operation.operation} is not let through: GraphQL is for reading only.`,
        'Use the REST API, where refs and repositories can be told from the path.',
      );
    }
    const names = operation.variableDefinitions?.map(({ variable }) => variable.name.value) ?? [];
    if (new Set(names).size !== names.length || operation.directives?.length) {
      return refuse('An operation defines each variable once, and has no directive.', 'Write it so.');
    }
    const found = walkQuery({ policy, fragments, variables }, operation);
    if ('allowed' in found) return found;
    for (const repo of found) repos.add(repo);
  }
  return operations.length > 0 ? [...repos] : refuseBody('The document holds no operation.', 'Send a query.');
};

/**
 * Decides over a GraphQL request: every operation in it has to be a query, every repository that it names has to be
 * allowed, and every field has to be one that is known to stay within its repository. What was read is written anew, so
 * that GitHub's parser sees what was judged.
 *
 * {@link https://docs.github.com/en/graphql/guides/forming-calls-with-graphql}
 */
export const decideGraphql = (policy: ProxyPolicy, body: Buffer): Refusal | AllowedGraphql => {
  if (policy.graphql !== 'read') {
    return refuse(
      'GraphQL is not let through.',
      'Use the REST API, or have sourceAccess.github.graphql set to read.',
    );
  }
  const asked = readBody(body);
  if ('allowed' in asked) return asked;
  const document = parsed(asked.query);
  if (!document) {
    return refuseBody(
      'The query is not well-formed, or too long.',
      'Check it against the GraphQL specification.',
    );
  }
  const repos = decideDocument(policy, document, asked.variables);
  if ('allowed' in repos) return repos;
  return {
    allowed: true,
    body: Buffer.from(JSON.stringify({ ...asked, query: written(document) })),
    repos,
  };
};
