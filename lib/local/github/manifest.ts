import { z } from 'zod';
import { KNOWN_PERMISSIONS, type Permissions, reaches } from './permissions.ts';

const url = z.string().refine((text) => /^https?:$/.test(URL.canParse(text) ? new URL(text).protocol : ''));

const manifestSchema = z.strictObject({
  name: z.string().optional(),
  url,
  hook_attributes: z.strictObject({ url, active: z.boolean().optional() }).optional(),
  redirect_url: url,
  callback_urls: z.array(url).max(10).optional(),
  setup_url: url.optional(),
  description: z.string().optional(),
  public: z.boolean().optional(),
  default_events: z.array(z.string()).optional(),
  default_permissions: z.record(z.string(), z.enum(['read', 'write', 'admin'])).optional(),
  request_oauth_on_install: z.literal(false).optional(),
  setup_on_update: z.boolean().optional(),
});

/**
 * What describes an App that is to be made.
 * @see https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
 */
export type Manifest = z.output<typeof manifestSchema>;

/** The permission that an App needs to be told of an event. Other events are unknown here. */
const EVENT_PERMISSIONS: Readonly<Record<string, string>> = {
  branch_protection_rule: 'administration',
  check_run: 'checks',
  check_suite: 'checks',
  create: 'contents',
  delete: 'contents',
  deployment: 'deployments',
  issue_comment: 'issues',
  issues: 'issues',
  member: 'members',
  membership: 'members',
  meta: 'metadata',
  organization: 'members',
  public: 'metadata',
  pull_request: 'pull_requests',
  pull_request_review: 'pull_requests',
  push: 'contents',
  release: 'contents',
  repository: 'metadata',
  status: 'statuses',
  workflow_run: 'actions',
};

const isLoopback = (text: string): boolean => /^(localhost|127\.|\[::1\])/.test(new URL(text).hostname);

/** Names the field as GitHub does: without its parent. */
const wordingOf = (issue: z.core.$ZodIssue): string => {
  const name = String(issue.path.findLast((part) => typeof part === 'string') ?? 'manifest');
  if (issue.path[0] === 'request_oauth_on_install')
    return 'The local GitHub does not know "request_oauth_on_install"';
  if (issue.code === 'unrecognized_keys') return `"${issue.keys[0]}" is not a permitted key.`;
  if (issue.code === 'invalid_type' && issue.input === undefined) return `"${name}" wasn't supplied.`;
  if (issue.path[0] === 'default_permissions')
    return 'Default permission records action is not included in the list';
  return `"${name}" is not valid.`;
};

const problemsOf = ({
  default_events: events = [],
  default_permissions,
  hook_attributes,
}: Manifest): string[] => {
  const permissions: Permissions = { metadata: 'read', ...default_permissions };
  const unknown = events.filter((event) => EVENT_PERMISSIONS[event] === undefined);
  const unbacked = events.filter((event) => !reaches(permissions, EVENT_PERMISSIONS[event] ?? '', 'read'));
  return [
    ...(Object.keys(permissions).every((name) => KNOWN_PERMISSIONS.includes(name))
      ? []
      : ['Default permission records resource is not included in the list']),
    ...(unknown.length > 0 ? [`Default events unsupported: ${unknown.join(', ')}`] : []),
    ...(unbacked.length > 0
      ? [`Default events are not supported by permissions: ${unbacked.join(', ')}`]
      : []),
    ...(hook_attributes && isLoopback(hook_attributes.url)
      ? ["Hook url is not supported because it isn't reachable over the public Internet (localhost)"]
      : []),
  ];
};

export type ManifestResult =
  | { readonly ok: true; readonly manifest: Manifest }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Reads the `manifest` field of the form that is posted to GitHub. The problems are worded as GitHub words them. */
export const parseManifest = (text: string | null): ManifestResult => {
  let value: unknown;
  try {
    value = JSON.parse(text ?? '');
  } catch {
    return { ok: false, problems: ['Problems parsing JSON'] };
  }
  const result = manifestSchema.safeParse(value, { reportInput: true });
  const problems = result.success ? problemsOf(result.data) : result.error.issues.map(wordingOf);
  if (!result.success || problems.length > 0) return { ok: false, problems };
  return { ok: true, manifest: result.data };
};
