/** Whether a part of GitHub's answer is an object with fields. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const PAGE_URL = /^https?:\/\/[A-Za-z0-9.:/_-]{1,300}$/;

/** The address of a page, when it is nothing more than that. */
export const pageUrlOf = (value: unknown): string | undefined =>
  typeof value === 'string' && PAGE_URL.test(value) ? value : undefined;

/** Permission names with their levels; whatever is none is left out. */
export const permissionsOf = (value: unknown): Readonly<Record<string, string>> =>
  isRecord(value)
    ? Object.fromEntries(
        Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
      )
    : {};
