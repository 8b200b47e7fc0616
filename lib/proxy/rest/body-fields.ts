import type { Refusal } from '../decision.ts';
import { type Fields, refuseBody, shownText } from './json-body.ts';
import { isObjectId, isRefName, isShortName } from './ref-name.ts';
import type { RefWrite } from './ref-write.ts';

interface FieldForm {
  readonly isRight: (value: unknown) => boolean;
  readonly what: string;
}

const text = (isRight: (value: string) => boolean, what: string): FieldForm => ({
  isRight: (value) => typeof value === 'string' && isRight(value),
  what,
});

/** `owner:branch` names the branch of a fork. */
const HEAD = /^(?:([A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?):)?([^:]*)$/;
const REPO = /^(?:[A-Za-z0-9][A-Za-z0-9_-]*\/)?(?!\.+$)[A-Za-z0-9._-]{1,100}$/;

const FORMS = {
  /** Decides nothing: passed on as it is. */
  any: { isRight: () => true, what: '' },
  flag: { isRight: (value: unknown) => typeof value === 'boolean', what: 'true or false' },
  id: text(isObjectId, 'a whole object id that is not all zeros'),
  ref: text(isRefName, 'the full name of a ref, such as refs/heads/main'),
  branch: text(isShortName, 'the short name of a branch, such as main'),
  tag: text(isShortName, 'the short name of a tag, such as v1.0'),
  'branch or tag': text(
    (value) => isShortName(value) || (/^refs\/(?:heads|tags)\//.test(value) && isRefName(value)),
    'the name of a branch or tag, such as main',
  ),
  revision: text(
    (value) => isShortName(value) || isObjectId(value) || isRefName(value),
    'the name of a branch or tag of this repository, or a whole object id',
  ),
  head: text(
    (value) => isShortName(HEAD.exec(value)?.[2] ?? ''),
    'the short name of a branch, or owner:branch',
  ),
  repo: text((value) => REPO.test(value), 'the name of a repository'),
} as const satisfies Record<string, FieldForm>;

interface BodyForm {
  readonly required: readonly string[];
  readonly fields: Readonly<Record<string, keyof typeof FORMS>>;
}

const COMMIT = { message: 'any', author: 'any', committer: 'any' } as const;

/** The parameters that GitHub documents for each of these routes. */
const BODIES: Record<RefWrite['kind'], BodyForm> = {
  'create-ref': { required: ['ref', 'sha'], fields: { ref: 'ref', sha: 'id' } },
  'update-ref': { required: ['sha'], fields: { sha: 'id', force: 'flag' } },
  'delete-ref': { required: [], fields: {} },
  merge: { required: ['base', 'head'], fields: { base: 'branch', head: 'revision', commit_message: 'any' } },
  'merge-upstream': { required: ['branch'], fields: { branch: 'branch' } },
  contents: { required: [], fields: { ...COMMIT, content: 'any', sha: 'any', branch: 'branch' } },
  'rename-branch': { required: ['new_name'], fields: { new_name: 'branch' } },
  'merge-pull': {
    required: [],
    fields: { commit_title: 'any', commit_message: 'any', sha: 'id', merge_method: 'any' },
  },
  'update-pull-branch': { required: [], fields: { expected_head_sha: 'id' } },
  'write-pull': {
    required: [],
    fields: {
      title: 'any',
      body: 'any',
      state: 'any',
      issue: 'any',
      draft: 'flag',
      maintainer_can_modify: 'flag',
      base: 'branch',
      head: 'head',
      head_repo: 'repo',
    },
  },
  'write-release': {
    required: [],
    fields: {
      name: 'any',
      body: 'any',
      make_latest: 'any',
      discussion_category_name: 'any',
      generate_release_notes: 'flag',
      draft: 'flag',
      prerelease: 'flag',
      tag_name: 'tag',
      target_commitish: 'revision',
    },
  },
  'repository-dispatch': { required: ['event_type'], fields: { event_type: 'any', client_payload: 'any' } },
  'workflow-dispatch': {
    required: ['ref'],
    fields: { ref: 'branch or tag', inputs: 'any', return_run_details: 'flag' },
  },
};

/** Owner, if it is given, and branch of a pull request's `head`. */
export const partsOfHead = (
  head: string,
): { readonly owner: string | undefined; readonly branch: string } => {
  const [, owner, branch = ''] = HEAD.exec(head) ?? [];
  return { owner: owner?.toLowerCase(), branch };
};

const missing = (name: string): Refusal =>
  refuseBody(`The body has no '${name}'.`, `Say '${name}', so that it can be decided what is moved.`);

/**
 * Checks a body against what GitHub documents for its route. A parameter that is not documented there is refused, since
 * it might decide what is moved. `null` counts as absent, as GitHub has it, where a value decides.
 *
 * {@link https://docs.github.com/en/rest/git/refs} {@link https://docs.github.com/en/rest/repos/contents}
 * {@link https://docs.github.com/en/rest/pulls/pulls} {@link https://docs.github.com/en/rest/releases/releases}
 */
export const checkFields = (kind: RefWrite['kind'], given: Fields): Refusal | { readonly fields: Fields } => {
  const form = BODIES[kind];
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    const type = Object.hasOwn(form.fields, name) ? form.fields[name] : undefined;
    if (!type) {
      return refuseBody(
        `GitHub documents no parameter '${shownText(name)}' for this route.`,
        `Leave it out. Known are: ${Object.keys(form.fields).join(', ') || '(none)'}.`,
      );
    }
    if (value === null && type !== 'any') continue;
    const { isRight, what } = FORMS[type];
    if (!isRight(value)) {
      const shown =
        typeof value === 'string'
          ? `'${shownText(value)}'`
          : Array.isArray(value)
            ? 'a list'
            : `of type ${typeof value}`;
      return refuseBody(`'${name}' has to be ${what}, not ${shown}.`, `Send ${what} as '${name}'.`);
    }
    fields[name] = value;
  }
  const absent = form.required.find((name) => fields[name] === undefined || fields[name] === null);
  return absent ? missing(absent) : { fields };
};
