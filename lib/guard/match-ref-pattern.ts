import { BRACKET, checkRefPattern, RANGE } from './check-ref-pattern.ts';

/** One step of a pattern: any text, or one byte out of a set. */
type Step = 'any' | ((byte: number) => boolean);

const codeOf = (character: string): number => character.charCodeAt(0);

const bracketStep = (negation: string, members: string): Step => {
  const wanted = new Set([...members.replace(RANGE, '')].map(codeOf));
  for (const [, from = '', to = ''] of members.matchAll(RANGE)) {
    for (let code = codeOf(from); code <= codeOf(to); code += 1) wanted.add(code);
  }
  return (byte) => wanted.has(byte) === (negation === '');
};

const plainStep = (character: string): Step => {
  if (character === '*') return 'any';
  if (character === '?') return () => true;
  const code = codeOf(character);
  return (byte) => byte === code;
};

const stepsOf = (pattern: string): Step[] => {
  const steps: Step[] = [];
  let end = 0;
  for (const { 0: bracket, 1: negation = '', 2: members = '', index } of pattern.matchAll(BRACKET)) {
    steps.push(...[...pattern.slice(end, index)].map(plainStep), bracketStep(negation, members));
    end = index + bracket.length;
  }
  return [...steps, ...[...pattern.slice(end)].map(plainStep)];
};

/**
 * Whether a ref name matches a pattern, as bash's `[[ $name == $pattern ]]` decides under `LC_ALL=C`: `*` and brackets
 * cross `/`, case counts, and `?` stands for one byte of the name's UTF-8. A pattern that {@link checkRefPattern}
 * refuses matches nothing. Takes at most pattern × name steps, since only the last `*` is ever tried again.
 *
 * {@link https://www.gnu.org/software/bash/manual/html_node/Pattern-Matching.html}
 */
export const matchesRefPattern = (pattern: string, name: string): boolean => {
  if (checkRefPattern(pattern)) return false;
  const steps = stepsOf(pattern);
  const bytes = Buffer.from(name, 'utf8');
  let step = 0;
  let at = 0;
  let lastAny = -1;
  let resumeAt = 0;
  while (at < bytes.length) {
    const current = steps[step];
    if (current === 'any') {
      lastAny = step;
      resumeAt = at;
      step += 1;
    } else if (current?.(bytes[at] ?? -1)) {
      step += 1;
      at += 1;
    } else if (lastAny >= 0) {
      resumeAt += 1;
      at = resumeAt;
      step = lastAny + 1;
    } else {
      return false;
    }
  }
  return steps.slice(step).every((left) => left === 'any');
};
