/** Something that `km doctor --fix` may do, since nothing that lives needs what it removes. */
export type Fix =
  | { readonly kind: 'delete-schedule'; readonly id: string; readonly name: string }
  | { readonly kind: 'enable-schedule'; readonly id: string; readonly name: string }
  | { readonly kind: 'delete-parameter'; readonly id: string; readonly name: string }
  | { readonly kind: 'delete-key'; readonly id: string; readonly name: string; readonly keyId: string }
  | { readonly kind: 'delete-stack'; readonly id: string; readonly name: string };

const WORDS = {
  'delete-schedule': 'delete the schedule',
  'enable-schedule': 'enable the schedule',
  'delete-parameter': 'delete the parameter',
  'delete-key': 'delete, in 7 days, the key behind',
  'delete-stack': 'delete the stack',
} as const satisfies Record<Fix['kind'], string>;

/** What a fix does, for a person to agree to. */
export const describeFix = ({ kind, name }: Fix): string => `${WORDS[kind]} ${name}`;
