import * as z from 'zod/mini';
import { checkRefPattern } from '../guard/check-ref-pattern.ts';
import { finding, text } from './checked-text.ts';
import { readRepoEntry } from './repo-entry.ts';
import { checkRepoList } from './repo-list.ts';
import { VERBS } from './token-permissions.ts';

/** For editors: no narrower than what is read. */
const REPO_FORM =
  /^(?:\*|(?:(?:https:\/\/)?[Gg]it[Hh]ub\.com\/)?[A-Za-z0-9][A-Za-z0-9_-]{0,38}\/(?:\*|[A-Za-z0-9._-]+)\/?)$/;
const REF_FORM = /^[A-Za-z0-9._/@#%=,*?[][A-Za-z0-9._/+@#%=,*?[\]!^-]{0,199}$/;

const github = z.strictObject({
  allowedRepos: z
    .array(
      text(REPO_FORM, (value) => {
        const read = readRepoEntry(value);
        return 'finding' in read ? read.finding : undefined;
      }),
    )
    .check(
      finding<string[]>(checkRepoList),
      z.meta({ description: 'What the token is for: owner/repo, owner/* or *. Never empty.', minItems: 1 }),
    ),
  allowedRefs: z.optional(
    z
      .array(text(REF_FORM, checkRefPattern))
      .check(
        z.describe(
          'Patterns of the refs that may be pushed to, as bash matches them; * crosses /. Without refs/ in front they ' +
            'match names of branches and tags. Left out: any ref. Empty: none.',
        ),
      ),
  ),
  permissions: z.optional(
    z.array(z.enum(VERBS)).check(
      finding<string[]>((verbs) =>
        verbs.length > 0
          ? undefined
          : {
              message: 'this list is empty',
              fix: 'Write [clone, fetch], or mode: none for a sandbox without GitHub.',
            },
      ),
      z.meta({
        description: 'What the token allows. Left out: clone and fetch, with allowedRefs push too.',
        minItems: 1,
      }),
    ),
  ),
  allowForcePushes: z.optional(
    z.boolean().check(z.describe('Whether a push may drop commits; default false.')),
  ),
  allowDeletions: z.optional(z.boolean().check(z.describe('Whether refs may be deleted; default false.'))),
  graphql: z.optional(
    z
      .enum(['read'])
      .check(
        z.describe(
          'read: the egress proxy lets GraphQL queries about allowed repos through. Left out: none.',
        ),
      ),
  ),
});

/** What a sandbox may reach on GitHub. Only `mode: none` may leave the repositories out. */
export const sourceAccessSchema = z
  .strictObject({
    mode: z.optional(
      z.enum(['allowlist', 'none']).check(z.describe('none: no GitHub at all; default allowlist.')),
    ),
    github: z.optional(github),
  })
  .check(
    z.superRefine(({ mode, github: section }, context) => {
      if (mode === 'none' || section) return;
      context.addIssue({ code: 'custom', path: ['github'], message: 'is missing' });
    }),
  );
