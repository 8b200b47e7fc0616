import { inspect } from 'node:util';

const REDACTED = '[redacted]';

/** A token or key that prints as `[redacted]` wherever it is logged, concatenated or serialized. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself. Call it only on the line that sends or encrypts it. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}
