import { createHash } from 'node:crypto';
import type { Cloud, Table } from '../cloud.ts';
import { parseTemplate, type Template } from './template.ts';

/** Template bodies by their hash: many stacks share one, and are written to disk without it. */
export class TemplateStore {
  readonly #bodies: Table<string>;
  readonly #parsed = new Map<string, Template>();

  constructor(cloud: Cloud) {
    this.#bodies = cloud.table('cloudformation-templates');
  }

  /** Keeps a body; its id. */
  keep(body: string): string {
    const id = createHash('sha256').update(body).digest('hex');
    if (!this.#bodies.has(id)) this.#bodies.set(id, body);
    return id;
  }

  body(id: string): string {
    return this.#bodies.get(id) ?? '';
  }

  /** The template of a kept body, parsed once. Throws ValidationError. */
  parsed(id: string): Template {
    const template = this.#parsed.get(id) ?? parseTemplate(this.body(id));
    this.#parsed.set(id, template);
    return template;
  }

  /** Forgets every body but these. */
  retain(ids: ReadonlySet<string>): void {
    for (const id of this.#bodies.keys().filter((each) => !ids.has(each))) {
      this.#bodies.delete(id);
      this.#parsed.delete(id);
    }
  }
}
