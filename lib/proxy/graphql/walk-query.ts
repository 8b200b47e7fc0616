import {
  type ArgumentNode,
  type DirectiveNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import type { Refusal } from '../decision.ts';
import { allowsRepo, type ProxyPolicy } from '../proxy-policy.ts';
import { type Fields, refuseBody, shownText } from '../rest/json-body.ts';
import { ARGUMENTS, connectionOf, edgeOf, SHAPES, type Shape } from './readable-fields.ts';
import { repoOfField, repoOfSearch } from './root-arguments.ts';

/** Deeper than any of gh's queries, and than GitHub's own introspection query. */
const DEEPEST = 25;

export interface QueryFacts {
  readonly policy: ProxyPolicy;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly variables: Fields;
}

const refuse = (reason: string, remedy: string): Refusal =>
  refuseBody(reason, remedy, { rule: 'graphql', status: 403 });

const shapeOf = (type: string): Shape | undefined => {
  if (type.endsWith('[]')) return connectionOf(type.slice(0, -2));
  if (type.endsWith(' edge')) return edgeOf(type.slice(0, -' edge'.length));
  return SHAPES[type];
};

const leadsTo = (shape: Shape | undefined, name: string): string | undefined =>
  shape && Object.hasOwn(shape.into, name) ? shape.into[name] : undefined;

/** What may be asked of a type within a fragment on another. */
const readAs = (type: string, name: string): string | undefined => {
  const on = shapeOf(type)?.on ?? {};
  return Object.hasOwn(on, name) ? on[name] : undefined;
};

/** Introspection tells of GitHub's schema only, and leads nowhere else. */
const INTROSPECTION = 'introspection';
const INTROSPECTED: ReadonlySet<string> = new Set(
  `__typename kind name description fields inputFields interfaces enumValues possibleTypes ofType type types args
  queryType mutationType subscriptionType directives defaultValue isDeprecated deprecationReason isRepeatable isOneOf
  locations specifiedByURL onOperation onFragment onField`.split(/\s+/),
);
const ROOT = 'Query';

/** Walks one operation, and every fragment that it spreads, along the types that may be read. */
class QueryWalk {
  readonly repos = new Set<string>();
  readonly #facts: QueryFacts;
  readonly #operation: OperationDefinitionNode;
  readonly #spreading = new Set<string>();
  readonly #done = new Set<string>();

  constructor(facts: QueryFacts, operation: OperationDefinitionNode) {
    this.#facts = facts;
    this.#operation = operation;
  }

  selections({ selections }: SelectionSetNode, type: string, depth: number): Refusal | undefined {
    if (depth > DEEPEST)
      return refuse(`The query is nested more than ${DEEPEST} deep.`, 'Ask for less at once.');
    for (const selection of selections) {
      const refusal =
        this.#directives(selection.directives) ??
        (selection.kind === Kind.FIELD
          ? this.#field(selection, type, depth)
          : selection.kind === Kind.FRAGMENT_SPREAD
            ? this.#spread(selection.name.value, type, depth)
            : this.#fragment(selection, type, depth));
      if (refusal) return refusal;
    }
    return undefined;
  }

  #directives(directives: readonly DirectiveNode[] = []): Refusal | undefined {
    const foreign = directives.find(({ name }) => name.value !== 'include' && name.value !== 'skip');
    return (
      foreign &&
      refuse(
        `The directive '@${shownText(foreign.name.value)}' is not let through.`,
        'Leave it out of the query.',
      )
    );
  }

  /** A fragment is looked at once for each type that it is spread on; one that spreads itself has no end. */
  #spread(name: string, type: string, depth: number): Refusal | undefined {
    const fragment = this.#facts.fragments.get(name);
    if (!fragment || this.#spreading.has(name)) {
      return refuse(
        `The fragment '${shownText(name)}' is not defined, or holds itself.`,
        'Define it, without itself.',
      );
    }
    const key = `${name} ${type} ${depth}`;
    if (this.#done.has(key)) return undefined;
    this.#done.add(key);
    this.#spreading.add(name);
    const refusal = this.#directives(fragment.directives) ?? this.#fragment(fragment, type, depth);
    this.#spreading.delete(name);
    return refusal;
  }

  #fragment(
    {
      typeCondition,
      selectionSet,
    }: Pick<FragmentDefinitionNode, 'selectionSet'> & {
      readonly typeCondition?: FragmentDefinitionNode['typeCondition'] | undefined;
    },
    type: string,
    depth: number,
  ): Refusal | undefined {
    const name = typeCondition?.name.value ?? type;
    const narrowed =
      name === type || (type === INTROSPECTION && name.startsWith('__')) ? type : readAs(type, name);
    if (narrowed) return this.selections(selectionSet, narrowed, depth + 1);
    return refuse(
      `A fragment on '${shownText(name)}' is not let through where '${type}' is read.`,
      'Leave it out of the query.',
    );
  }

  #field(field: FieldNode, type: string, depth: number): Refusal | undefined {
    const refusal = this.#twice(field.arguments);
    if (refusal) return refusal;
    if (type === ROOT) return this.#root(field, depth);
    const name = field.name.value;
    const foreign = field.arguments?.find((argument) => !ARGUMENTS.has(argument.name.value));
    if (type !== INTROSPECTION && foreign) {
      return refuse(
        `The argument '${shownText(foreign.name.value)}' of '${shownText(name)}' is not let through.`,
        'Use one that names no node, object or other repository, or the REST API.',
      );
    }
    const shape = shapeOf(type);
    const isLeaf = shape?.leaves.has(name) && !field.selectionSet;
    const into = type === INTROSPECTION ? INTROSPECTED.has(name) && type : leadsTo(shape, name);
    if (!isLeaf && !into) {
      return refuse(
        `The field '${shownText(name)}' of '${type}' is not let through: it is not known to stay within its repository.`,
        'Leave it out of the query, or use the REST API.',
      );
    }
    return into && field.selectionSet ? this.selections(field.selectionSet, into, depth + 1) : undefined;
  }

  #twice(named: readonly ArgumentNode[] = []): Refusal | undefined {
    const names = named.map(({ name }) => name.value);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    return twice === undefined
      ? undefined
      : refuse(`The argument '${shownText(twice)}' stands twice in one field.`, 'Write it once.');
  }

  #root(field: FieldNode, depth: number): Refusal | undefined {
    const name = field.name.value;
    const into = (type: string): Refusal | undefined =>
      field.selectionSet && this.selections(field.selectionSet, type, depth + 1);
    switch (name) {
      case '__typename':
        return undefined;
      case '__type':
      case '__schema':
        return into(INTROSPECTION);
      case 'rateLimit':
        return into('RateLimit');
      case 'viewer':
        return into('Viewer');
      case 'repository':
        return this.#repo(field, ['owner', 'name'], repoOfField) ?? into('Repository');
      case 'search':
        return (
          this.#repo(field, ['query', 'type', 'first', 'last', 'after', 'before'], repoOfSearch) ??
          into('IssueOrPullRequest[]')
        );
      default:
        return refuse(
          `The query field '${shownText(name)}' is not let through: it names no repository.`,
          'Ask through repository(owner:, name:), or use the REST API.',
        );
    }
  }

  /** `followRenames` is the proxy's own to say: a name that led elsewhere would lead out of the policy. */
  #repo(field: FieldNode, known: readonly string[], repoOf: typeof repoOfField): Refusal | undefined {
    const foreign = field.arguments?.find(({ name }) => !known.includes(name.value));
    if (foreign) {
      return refuse(
        `The argument '${shownText(foreign.name.value)}' of '${field.name.value}' is not let through.`,
        `Use ${known.join(' and ')} only.`,
      );
    }
    const repo = repoOf(field, { given: this.#facts.variables, operation: this.#operation });
    if (repo === undefined) {
      return refuse(
        `Which repository '${field.name.value}' means cannot be told.`,
        field.name.value === 'search'
          ? 'Search with type ISSUE, exactly one repo:owner/name, and filters such as state:open and author:x.'
          : 'Give owner and name as strings, or as variables that are given.',
      );
    }
    if (!allowsRepo(this.#facts.policy, repo)) {
      const refusal = refuse(
        `Repository '${repo}' is not in allowedRepos.`,
        'Ask for an allowed repository, or have this one added to allowedRepos.',
      );
      return { ...refusal, rule: 'repo', repo };
    }
    this.repos.add(repo);
    return undefined;
  }
}

/** The repos that an operation reads, or why it may not be sent. */
export const walkQuery = (
  facts: QueryFacts,
  operation: OperationDefinitionNode,
): Refusal | ReadonlySet<string> => {
  const walk = new QueryWalk(facts, operation);
  return walk.selections(operation.selectionSet, ROOT, 1) ?? walk.repos;
};
