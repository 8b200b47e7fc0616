import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { decideGraphql } from '../../../lib/proxy/graphql/decide-graphql.ts';
import { reader } from './graphql-scene.ts';

interface Recorded {
  readonly command: string;
  readonly query: string;
  readonly variables?: object;
}

/** What gh 2.23.0 sends, recorded from it. */
const recorded = JSON.parse(
  readFileSync(new URL('./gh-2.23.json', import.meta.url), 'utf8'),
) as readonly Recorded[];

const asked = ({ query, variables }: Recorded) => Buffer.from(JSON.stringify({ query, variables }));

/** What names a thing by its node id, an owner without a repo, or searches by free words. */
const NOT_ANSWERED = /node\(id|repositoryOwner\(|foo repo:/;
const isAnswered = (one: Recorded): boolean => !NOT_ANSWERED.test(JSON.stringify(one));
/** It asks the repo that this one was forked from for more than its name; the mutation that follows is refused anyway. */
const isForCreating = ({ command, query }: Recorded): boolean =>
  command.startsWith('gh pr create') && query.includes('parent { ...repo }');

const answered = recorded.filter((one) => isAnswered(one) && !isForCreating(one));

test.each(answered)('$command passes for an allowed repo', (one) => {
  const decision = decideGraphql(reader(['acme/app']), asked(one));
  expect(decision).toMatchObject({ allowed: true });
  const isAboutRepo = JSON.stringify(one).includes('repository(');
  expect(decision.allowed && decision.repos).toEqual(isAboutRepo ? ['acme/app'] : []);
});

test.each(answered.filter(({ query }) => query.includes('repository(')))(
  '$command is refused for another repo',
  (one) => {
    expect(decideGraphql(reader(['acme/other']), asked(one))).toMatchObject({
      allowed: false,
      rule: 'repo',
      status: 403,
      repo: 'acme/app',
    });
  },
);

test.each(recorded.filter((one) => !answered.includes(one)))(
  '$command asks for what cannot be told to stay in an allowed repo',
  (one) => {
    expect(decideGraphql(reader(['*']), asked(one))).toMatchObject({ allowed: false, rule: 'graphql' });
  },
);

test('the record holds what it is for', () => {
  const commands = new Set(answered.map(({ command }) => command));
  for (const command of [
    'gh repo view acme/app',
    'gh pr list',
    'gh pr view 1',
    'gh pr view',
    'gh pr status',
    'gh issue list',
    'gh issue view 1',
    'gh release list',
    'gh release view v1',
  ]) {
    expect(commands).toContain(command);
  }
});
