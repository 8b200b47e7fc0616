import type { Finding } from '../guard/check-ref-pattern.ts';
import { nearestWord } from './nearest-word.ts';
import { profileSchema } from './profile-schema.ts';

/** Keys that mean something elsewhere and are refused here for a reason. */
const REFUSED: ReadonlyMap<string, Finding> = new Map(
  Object.entries({
    extends: {
      message:
        'extends is not followed: what it inherits would decide access, and this file would not show it',
      fix: 'Copy what is inherited into this file.',
    },
    '<<': {
      message: 'merge keys are not followed, since what they bring would decide access',
      fix: 'Write the keys out.',
    },
  }),
);

/** As far as a schema's own definition is read here: what it wraps, and what stands in it. */
interface SchemaLike {
  readonly def?: { readonly innerType?: SchemaLike; readonly shape?: Readonly<Record<string, SchemaLike>> };
}

const unwrapped = (schema: SchemaLike | undefined): SchemaLike | undefined =>
  schema?.def?.innerType ? unwrapped(schema.def.innerType) : schema;

const shapeAt = (path: readonly PropertyKey[]): Readonly<Record<string, SchemaLike>> =>
  path.reduce<Readonly<Record<string, SchemaLike>>>(
    (shape, key) => unwrapped(shape[String(key)])?.def?.shape ?? {},
    (profileSchema as SchemaLike).def?.shape ?? {},
  );

/** Says what to do about a key that the schema does not know at this path. */
export const explainUnknownKey = (path: readonly PropertyKey[], key: string): Finding => {
  const refused = REFUSED.get(key);
  if (refused) return refused;
  const known = Object.keys(shapeAt(path));
  const nearest = nearestWord(key, known);
  return {
    message: 'km knows no such key here',
    fix: nearest ? `Did you mean ${nearest}?` : `Leave it out; known here: ${known.join(', ')}.`,
  };
};
