import { plainName } from './read-parameters.ts';
import type { Segment, StrictTarget } from './strict-target.ts';

/** First words behind `/repos/{owner}/{repo}/` that are read freely: what the repository holds and what is said of it. */
const FREE = new Set([
  ...['activity', 'assignees', 'branches', 'check-runs', 'check-suites', 'codeowners', 'comments', 'commits'],
  ...['compare', 'contents', 'contributors', 'dependency-graph', 'events', 'issues', 'labels', 'languages'],
  ...[
    'license',
    'milestones',
    'pulls',
    'readme',
    'releases',
    'rules',
    'rulesets',
    'stats',
    'statuses',
    'tags',
  ],
  ...['tarball', 'topics', 'zipball'],
]);

/** Second words, where the first alone says too little: `actions/secrets` and `actions/runners` are not here. */
const WITHIN: Readonly<Record<string, ReadonlySet<string>>> = {
  actions: new Set(['artifacts', 'cache', 'caches', 'jobs', 'runs', 'workflows']),
  git: new Set(['blobs', 'commits', 'matching-refs', 'ref', 'refs', 'tags', 'trees']),
};

/** Where GitHub reads `owner:branch` and `owner:repo:branch` as a branch of another repository of the network. */
const REF_WORDS = new Set([
  'branches',
  'commits',
  'compare',
  'dependency-graph',
  'rules',
  'tarball',
  'zipball',
]);

/**
 * What is read of one issue or pull request. Not its timeline, sub-issues, parent and dependencies: they come with whole
 * issues of other repositories.
 */
const OF_ISSUE = new Set(['assignees', 'comments', 'events', 'labels', 'reactions']);

/** Whether a path behind `issues/` or `commits/` leads to what can be another repository's. */
const leadsElsewhere = (first: string, [second, third, ...rest]: readonly Segment[]): boolean => {
  if (third === undefined) return false;
  // The pull requests of a commit are those of its whole network of forks.
  if (first === 'commits') return (rest.at(-1) ?? third).text === 'pulls';
  return first === 'issues' && !OF_ISSUE.has(second?.raw ?? '') && !OF_ISSUE.has(third.raw);
};

/** Parameters that name a ref. */
const REF_PARAMETERS = new Set(['base', 'branch', 'ref', 'sha']);

/** Parameters by which a lenient server could take another repository than the path's. */
const REPO_PARAMETERS = new Set([
  ...['owner', 'repo', 'repos', 'repo_id', 'repository', 'repositories', 'repository_id', 'repository_ids'],
  ...['nwo', 'org', '_method'],
]);

/** Whether a read behind `/repos/{owner}/{repo}` stays within that repository, by its path. */
export const isFreeRead = ([first, second, ...rest]: readonly Segment[], endsWithSlash: boolean): boolean => {
  if (!first) return !endsWithSlash;
  if (endsWithSlash && first.raw !== 'contents') return false;
  const within = WITHIN[first.raw];
  if (within) return second !== undefined && within.has(second.raw);
  if (!FREE.has(first.raw)) return false;
  const others = second ? [second, ...rest] : rest;
  if (leadsElsewhere(first.raw, others)) return false;
  return !REF_WORDS.has(first.raw) || !others.some(({ text }) => text.includes(':'));
};

/** The parameter of a read that could name another repository than its path does, if there is one. */
export const straying = ({ parameters }: StrictTarget): string | undefined =>
  parameters.find((parameter) => {
    const name = plainName(parameter);
    return REPO_PARAMETERS.has(name) || (REF_PARAMETERS.has(name) && parameter.value.includes(':'));
  })?.name;
