import type { Finding } from '../guard/check-ref-pattern.ts';

/** A stack takes 50 tags; the rest are km's own. */
export const MOST_LABELS = 40;

/** A key becomes the tag `km:label:KEY`, which may have 128 characters. */
export const LABEL_KEY = /^[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,98}[A-Za-z0-9])?$/;

/** What AWS allows in a tag's value, in ASCII and without spaces at either end. */
export const LABEL_VALUE = /^[A-Za-z0-9_.:/=+@-](?:[A-Za-z0-9 _.:/=+@-]{0,254}[A-Za-z0-9_.:/=+@-])?$/;

/**
 * Says what is wrong with a label's key, or nothing.
 *
 * {@link https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html}
 */
export const checkLabelKey = (key: string): Finding | undefined =>
  LABEL_KEY.test(key)
    ? undefined
    : {
        message: 'this is no label that an AWS tag could carry',
        fix: 'Use at most 100 letters, digits and . _ / - with a letter or digit at either end.',
      };

/** Says what is wrong with a label's value, or nothing. */
export const checkLabelValue = (value: string): Finding | undefined =>
  LABEL_VALUE.test(value)
    ? undefined
    : {
        message: 'this is no value that an AWS tag could carry',
        fix: 'Use 1 to 256 letters, digits, spaces and _ . : / = + @ - with no space at either end.',
      };

/** Says what is wrong with the labels together, or nothing. */
export const checkLabelCount = (labels: Readonly<Record<string, string>>): Finding | undefined => {
  const count = Object.keys(labels).length;
  if (count <= MOST_LABELS) return undefined;
  return { message: `${count} labels are more than AWS tags can carry`, fix: `Keep ${MOST_LABELS} of them.` };
};
