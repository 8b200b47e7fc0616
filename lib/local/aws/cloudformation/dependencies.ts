import { functionOf, holds, isSupportedFunction, type Scope } from './intrinsics.ts';
import { validationError } from './template.ts';

/** The resources to be made, each with those that must be there before it. */
export type DependencyGraph = ReadonlyMap<string, ReadonlySet<string>>;

const NAMES_IN_TEXT = /\$\{(?!!)([^}.]+)(?:\.[^}]+)?\}/g;

const formatError = (message: string) => validationError(`Template format error: ${message}`);

/** The names that a value refers to by Ref, Fn::GetAtt and Fn::Sub, in the branches that its conditions choose. */
function* references(value: unknown, scope: Scope): Generator<string> {
  if (Array.isArray(value)) {
    for (const item of value) yield* references(item, scope);
    return;
  }
  if (value === null || typeof value !== 'object') return;
  const found = functionOf(value);
  if (found === undefined) {
    for (const item of Object.values(value)) yield* references(item, scope);
    return;
  }
  const [name, argument] = found;
  if (!isSupportedFunction(name)) throw formatError(`Unsupported function ${name} in the local cloud`);
  if (name === 'Ref') yield String(argument);
  else if (name === 'Fn::GetAtt') {
    yield typeof argument === 'string' ? (argument.split('.')[0] ?? '') : String((argument as unknown[])[0]);
  } else if (name === 'Fn::Sub') {
    const [text, given] = (Array.isArray(argument) ? argument : [argument, {}]) as [string, object];
    for (const [, variable = ''] of text.matchAll(NAMES_IN_TEXT)) {
      if (!Object.hasOwn(given, variable.trim())) yield variable.trim();
    }
    yield* references(given, scope);
  } else if (name === 'Fn::If') {
    const [condition, then, otherwise] = argument as [string, unknown, unknown];
    yield* references(holds(condition, scope) ? then : otherwise, scope);
  } else if (name !== 'Condition') yield* references(argument, scope);
}

const checkOutputs = (scope: Scope, present: (name: string) => boolean): void => {
  for (const [name, output] of Object.entries(scope.template.Outputs)) {
    if (!holds(output.Condition, scope)) continue;
    const missing = [...references(output.Value, scope)].filter((target) => !present(target));
    if (missing.length > 0) {
      throw formatError(`Unresolved resource dependencies [${missing.join(', ')}] in output ${name}`);
    }
  }
};

const checkAcyclic = (graph: DependencyGraph): void => {
  const left = new Map([...graph].map(([id, needs]) => [id, new Set(needs)]));
  for (let free = true; free; ) {
    free = false;
    for (const [id, needs] of left) {
      if ([...needs].some((need) => left.has(need))) continue;
      left.delete(id);
      free = true;
    }
  }
  if (left.size > 0)
    throw validationError(`Circular dependency between resources: [${[...left.keys()].join(', ')}]`);
};

/**
 * The resources of a template whose conditions hold, with their dependencies from references and DependsOn.
 *
 * Throws ValidationError for a name that stands for nothing, an unsupported function, and a cycle.
 */
export function dependencyGraph(scope: Scope): DependencyGraph {
  const { Resources } = scope.template;
  const made = Object.entries(Resources).filter(([, resource]) => holds(resource.Condition, scope));
  const names = new Set(made.map(([id]) => id));
  const isValue = (name: string): boolean => name.startsWith('AWS::') || Object.hasOwn(scope.values, name);
  const present = (name: string): boolean => isValue(name) || names.has(name);
  const graph = new Map<string, ReadonlySet<string>>();
  for (const [id, resource] of made) {
    const referred = [...references(resource.Properties ?? {}, scope)];
    const missing = referred.filter((name) => !present(name));
    const after = [resource.DependsOn ?? []].flat();
    missing.push(...after.filter((name) => !Object.hasOwn(Resources, name)));
    if (missing.length > 0) {
      throw formatError(
        `Unresolved resource dependencies [${[...new Set(missing)].join(', ')}] in the Resources block of the template`,
      );
    }
    // a resource that a condition leaves out is not waited for
    graph.set(
      id,
      new Set([...referred.filter((name) => names.has(name)), ...after.filter((name) => names.has(name))]),
    );
  }
  checkOutputs(scope, present);
  checkAcyclic(graph);
  return graph;
}
