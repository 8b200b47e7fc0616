import { acceptMembers } from './accept-members.ts';
import { AwsError, type Call, notImplemented, type Service } from './cloud.ts';

/** Answers one operation. */
export type Operation = (call: Call) => unknown;

/** The members that each operation understands, separated by spaces. */
export type Members = Readonly<Record<string, string>>;

/** A service made of its operations. Any other answers 501, and so does a member that an operation does not know. */
export const serviceOf = (
  name: string,
  operations: Readonly<Record<string, Operation>>,
  members: Members,
): Service => {
  const known = new Map(
    Object.keys(operations).map((operation) => [operation, members[operation]?.split(' ') ?? []] as const),
  );
  return {
    name,
    async handle(call) {
      const accepted = known.get(call.operation);
      if (!accepted) throw notImplemented(call);
      acceptMembers(call, accepted);
      return operations[call.operation]?.(call);
    },
  };
};

/** Refuses an input that breaks one of its member's constraints, in the words that AWS's front door has for it. */
const broken = (code: string, member: string, value: unknown, constraint: string): AwsError => {
  const name = member.charAt(0).toLowerCase() + member.slice(1);
  const shown = value === undefined || value === null ? 'null' : `'${String(value).slice(0, 200)}'`;
  return new AwsError(
    code,
    `1 validation error detected: Value ${shown} at '${name}' failed to satisfy constraint: ${constraint}`,
  );
};

interface TextRules {
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: RegExp;
  readonly oneOf?: readonly string[];
  /** The code of a violation; `ValidationException` when absent (`ValidationError` in the query protocol). */
  readonly code?: string;
}

/** A member that is text and keeps its rules, or undefined when it is absent. */
export const optionalText = (call: Call, member: string, rules: TextRules = {}): string | undefined => {
  const value: unknown = call.input[member];
  const code = rules.code ?? 'ValidationException';
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw broken(code, member, value, 'Member must be a string');
  const { min = 0, max = Number.POSITIVE_INFINITY, pattern, oneOf } = rules;
  if (value.length < min)
    throw broken(code, member, value, `Member must have length greater than or equal to ${min}`);
  if (value.length > max)
    throw broken(code, member, value, `Member must have length less than or equal to ${max}`);
  if (oneOf && !oneOf.includes(value)) {
    throw broken(code, member, value, `Member must satisfy enum value set: [${oneOf.join(', ')}]`);
  }
  if (pattern && !pattern.test(value)) {
    throw broken(code, member, value, `Member must satisfy regular expression pattern: ${pattern.source}`);
  }
  return value;
};

/** A member that must be there and is text. */
export const text = (call: Call, member: string, rules: TextRules = {}): string => {
  const value = optionalText(call, member, rules);
  if (value === undefined) {
    throw broken(rules.code ?? 'ValidationException', member, undefined, 'Member must not be null');
  }
  return value;
};

/** A whole number between bounds; `fallback` when it is absent. The query protocol's text counts. */
export const integer = (
  call: Call,
  member: string,
  rules: { readonly min: number; readonly max: number; readonly fallback: number; readonly code?: string },
): number => {
  const value: unknown = call.input[member];
  if (value === undefined || value === null) return rules.fallback;
  const number = typeof value === 'string' ? Number(value) : value;
  const code = rules.code ?? 'ValidationException';
  if (typeof number !== 'number' || !Number.isInteger(number) || number < rules.min) {
    throw broken(code, member, value, `Member must have value greater than or equal to ${rules.min}`);
  }
  if (number > rules.max)
    throw broken(code, member, value, `Member must have value less than or equal to ${rules.max}`);
  return number;
};

/** A flag, as JSON or the query protocol write it. */
export const flag = (call: Call, member: string): boolean =>
  call.input[member] === true || call.input[member] === 'true';

/** A list member; absent and the query protocol's empty text are an empty list. */
export const list = <T>(call: Call, member: string): T[] => {
  const value: unknown = call.input[member];
  if (value === undefined || value === null || value === '') return [];
  if (!Array.isArray(value)) throw broken('ValidationException', member, value, 'Member must be a list');
  return value;
};

export interface Page<T> {
  readonly items: readonly T[];
  /** Opaque; absent on the last page. */
  readonly next?: string;
}

/** The page of `all` that starts at `token`, an opaque text of an earlier page. Throws `code` for any other text. */
export const pageOf = <T>(
  all: readonly T[],
  token: string | undefined,
  size: number,
  code = 'InvalidNextToken',
): Page<T> => {
  const start =
    token === undefined ? 0 : Number(/^page:(\d+)$/.exec(Buffer.from(token, 'base64url').toString())?.[1]);
  if (Number.isNaN(start)) throw new AwsError(code, 'The specified token is not valid.');
  const end = start + size;
  const items = all.slice(start, end);
  return end < all.length ? { items, next: Buffer.from(`page:${end}`).toString('base64url') } : { items };
};
