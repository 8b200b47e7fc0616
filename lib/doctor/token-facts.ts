import { parseDescription, type TokenMetadata } from '../sandbox/token-metadata.ts';
import type { Facts, ParameterFact } from './facts.ts';

/** A parameter of a sandbox, with what km wrote about it; without metadata something else wrote it. */
export interface TokenFact extends ParameterFact {
  readonly metadata?: TokenMetadata;
}

/** The parameters below each sandbox's path, by sandbox id; no value is read. */
export async function tokenFacts(facts: Facts): Promise<ReadonlyMap<string, readonly TokenFact[]>> {
  const { sandboxRoot } = facts.context.names;
  const found = new Map<string, TokenFact[]>();
  for (const parameter of await facts.sandboxParameters()) {
    const id = parameter.name.slice(sandboxRoot.length + 1).split('/')[0] ?? '';
    const metadata = parseDescription(parameter.name, parameter.description);
    const token = metadata ? { ...parameter, metadata } : parameter;
    found.set(id, [...(found.get(id) ?? []), token]);
  }
  return found;
}
