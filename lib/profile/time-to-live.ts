import type { Finding } from '../guard/check-ref-pattern.ts';

/** In seconds. Shorter, and the sandbox could be gone before its stack is there. */
export const SHORTEST_TTL = 60;
/** In seconds: one year. */
export const LONGEST_TTL = 365 * 86_400;

/** `0`, or a number and its unit. */
export const TTL_FORM = /^(?:0|[0-9]{1,9}[smhd])$/;

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** A time to live in seconds, 0 for none, or what is wrong with it. */
export type TimeToLive = { readonly seconds: number } | { readonly finding: Finding };

/** Reads a time to live: a whole number with its unit `s`, `m`, `h` or `d`, or `0` for none. */
export const readTimeToLive = (text: string): TimeToLive => {
  if (!TTL_FORM.test(text)) {
    const fix = /^(?:\d+[smhd]){2,}$/.test(text)
      ? 'Write it in one unit, such as 90m for an hour and a half.'
      : 'Write a whole number and s, m, h or d, such as 2h; 0 for no end.';
    return { finding: { message: 'this is no time to live', fix } };
  }
  const seconds = Number.parseInt(text, 10) * (UNITS[text.slice(-1)] ?? 1);
  if (seconds !== 0 && seconds < SHORTEST_TTL) {
    return {
      finding: { message: 'a sandbox lives for a minute at least', fix: 'Write 1m or more; 0 for no end.' },
    };
  }
  if (seconds > LONGEST_TTL) {
    return {
      finding: { message: 'a sandbox lives for a year at most', fix: 'Write 365d or less; 0 for no end.' },
    };
  }
  return { seconds };
};
