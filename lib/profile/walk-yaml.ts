import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type LineCounter,
  type Node,
} from 'yaml';
import type { Finding } from '../guard/check-ref-pattern.ts';
import type { Place } from './profile-problem.ts';

/** Where a key or value stands, and how it is written there. */
export interface Spot extends Place {
  readonly source: string;
}

/** Something that YAML itself, or km's narrower reading of it, does not allow. */
export interface YamlProblem extends Place, Finding {
  readonly path: readonly PropertyKey[];
}

/** More than any profile needs, and few enough that no file can grow into something large. */
const MOST_ALIASES = 100;
const MOST_VALUES = 20_000;
const DEEPEST = 64;

const TOO_MANY: Finding = {
  message: `a profile holds at most ${MOST_VALUES} values`,
  fix: 'Write less, and fewer aliases.',
};
export const TOO_DEEP: Finding = { message: 'this is nested too deep', fix: 'Write it flatter.' };
const TOO_MANY_ALIASES: Finding = {
  message: `a profile holds at most ${MOST_ALIASES} aliases`,
  fix: 'Write the values out.',
};
const ENDLESS: Finding = {
  message: 'this stands within the anchor that it names',
  fix: 'Write the value out.',
};
const NO_WORD: Finding = { message: 'a key is a word', fix: 'Write a plain key and a colon.' };
const NO_KEY: Finding = { message: '__proto__ is no key', fix: 'Leave it out.' };

const noAnchor = (name: string): Finding => ({
  message: 'without quotes, * names an anchor in YAML, and there is none of that name before it',
  fix: `Write "*${name}" in quotes.`,
});

/** Walks the parsed nodes into plain values, remembering where each stands. */
export class YamlWalk {
  readonly values = new Map<string, Spot>();
  readonly keys = new Map<string, Spot>();
  readonly problems: YamlProblem[] = [];
  readonly #doc: Document.Parsed;
  readonly #text: string;
  readonly #lines: LineCounter;
  readonly #open = new Set<Node>();
  #aliases = 0;
  #count = 0;

  constructor(doc: Document.Parsed, text: string, lines: LineCounter) {
    this.#doc = doc;
    this.#text = text;
    this.#lines = lines;
  }

  read(node: Node | null, path: readonly PropertyKey[]): unknown {
    if (node === null) return null;
    const spot = this.#spot(node);
    if (!this.values.has(JSON.stringify(path))) this.values.set(JSON.stringify(path), spot);
    this.#count += 1;
    if (this.#count > MOST_VALUES) return this.#refuse(spot, path, TOO_MANY);
    if (path.length > DEEPEST) return this.#refuse(spot, path, TOO_DEEP);
    if (isScalar(node)) return node.value;
    if (isAlias(node)) return this.#followed(node, spot, path);
    this.#open.add(node);
    const value = isSeq(node)
      ? node.items.map((item, i) => this.read(item as Node, [...path, i]))
      : this.#map(node, path);
    this.#open.delete(node);
    return value;
  }

  #map(node: Node, path: readonly PropertyKey[]): unknown {
    const value: Record<string, unknown> = Object.create(null);
    for (const { key, value: inner } of isMap<Node, Node | null>(node) ? node.items : []) {
      const spot = this.#spot(key);
      if (!isScalar(key)) {
        this.#refuse(spot, path, NO_WORD);
        continue;
      }
      const name = typeof key.value === 'string' ? key.value : spot.source;
      if (name === '__proto__') {
        this.#refuse(spot, path, NO_KEY);
        continue;
      }
      // The parser has reported a second one; values and spots are those of the first.
      if (name in value) continue;
      const here = [...path, name];
      this.keys.set(JSON.stringify(here), spot);
      value[name] = this.read(inner, here);
    }
    return value;
  }

  #followed(alias: Alias, spot: Spot, path: readonly PropertyKey[]): unknown {
    this.#aliases += 1;
    if (this.#aliases > MOST_ALIASES) return this.#refuse(spot, path, TOO_MANY_ALIASES);
    const target = alias.resolve(this.#doc);
    if (!target) return this.#refuse(spot, path, noAnchor(alias.source));
    if (this.#open.has(target)) return this.#refuse(spot, path, ENDLESS);
    return this.read(target, path);
  }

  #refuse({ line, column }: Place, path: readonly PropertyKey[], finding: Finding): undefined {
    // One file can break a limit at thousands of places; the first says it.
    if (this.problems.some(({ message }) => message === finding.message)) return;
    this.problems.push({ line, column, path, ...finding });
  }

  #spot(node: Node | null): Spot {
    const [start, end] = node?.range ?? [0, 0];
    const { line, col } = this.#lines.linePos(start);
    return { line, column: col, source: this.#text.slice(start, end) };
  }
}
