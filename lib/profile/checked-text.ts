import * as z from 'zod/mini';
import type { Finding } from '../guard/check-ref-pattern.ts';

/** Reports what a finder objects to, with its fix. */
export const finding = <T>(find: (value: T) => Finding | undefined) =>
  z.superRefine<T>((value, context) => {
    const found = find(value);
    if (found) context.addIssue({ code: 'custom', message: found.message, params: { fix: found.fix } });
  });

/** Text that a finder may object to. Editors get the form, which is never narrower than the finder. */
export const text = (form: RegExp, find: (value: string) => Finding | undefined, description = '') =>
  z.string().check(finding(find), z.meta({ pattern: form.source, ...(description ? { description } : {}) }));

/** A finder for what must have a form. */
export const matching =
  (form: RegExp, message: string, fix: string) =>
  (value: string): Finding | undefined =>
    form.test(value) ? undefined : { message, fix };
