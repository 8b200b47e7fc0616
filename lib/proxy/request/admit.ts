import type { Admission, Inspection, Rule, Surface } from '../decision.ts';

export interface AdmitOptions {
  readonly rule: Rule;
  readonly surface: Surface;
  /** `owner/name`, lower case. */
  readonly repo?: string;
  /** Default: nothing is left to be looked at. */
  readonly inspect?: Inspection;
  /** Default `pass`. */
  readonly answer?: Admission['answer'];
}

/** What may be forwarded, once its inspection finds nothing against it. */
export const admit = ({ inspect = { kind: 'none' }, answer = 'pass', ...rest }: AdmitOptions): Admission => ({
  allowed: true,
  ...rest,
  inspect,
  answer,
});
