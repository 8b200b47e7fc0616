import * as z from 'zod/mini';
import { finding, matching, text } from './checked-text.ts';
import { checkHostName } from './host-name.ts';
import { KLANKER_KEYS } from './klanker-keys.ts';
import { checkLabelCount, checkLabelKey, checkLabelValue, LABEL_KEY, LABEL_VALUE } from './labels.ts';
import { sourceAccessSchema } from './source-access-schema.ts';
import { readTimeToLive, TTL_FORM } from './time-to-live.ts';

export const API_VERSION = 'klankermaker.ai/v1alpha2';
export const KIND = 'SandboxProfile';
export const SUBSTRATES = ['docker', 'ec2', 'ecs', 'eks'] as const;
export const ENCRYPTIONS = ['per-sandbox', 'shared'] as const;

/** A profile's name becomes a tag and a stack's parameter. */
export const PROFILE_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
export const SANDBOX_PREFIX = /^[a-z][a-z0-9]{0,11}$/;

const HOST_FORM = /^(?:\*\.)?(?:[A-Za-z0-9-]+\.)+[A-Za-z][A-Za-z0-9-]*$/;

const ignored = <K extends string>(keys: readonly K[]): Record<K, z.ZodMiniOptional<z.ZodMiniUnknown>> =>
  Object.fromEntries(
    keys.map((key) => [
      key,
      z.optional(z.unknown()).check(z.describe('Read by Klanker; km accepts it and does nothing with it.')),
    ]),
  ) as Record<K, z.ZodMiniOptional<z.ZodMiniUnknown>>;

const metadata = z.strictObject({
  name: z.optional(
    text(
      PROFILE_NAME,
      matching(
        PROFILE_NAME,
        'this is no name for a profile',
        'Use at most 63 letters, digits and . _ - such as my-profile.',
      ),
      "The profile's name; the file's when it is left out.",
    ),
  ),
  prefix: z.optional(
    text(
      SANDBOX_PREFIX,
      matching(
        SANDBOX_PREFIX,
        'this is no prefix for a sandbox id',
        'Use at most 12 of a-z and 0-9, a letter first, such as gh.',
      ),
      'What sandbox ids begin with; default sb.',
    ),
  ),
  labels: z.optional(
    z
      .record(text(LABEL_KEY, checkLabelKey), text(LABEL_VALUE, checkLabelValue))
      .check(
        finding(checkLabelCount),
        z.describe('Become tags, km:label:KEY, of everything that a sandbox is made of.'),
      ),
  ),
  ...ignored(KLANKER_KEYS.metadata),
});

const lifecycle = z.strictObject({
  ttl: z.optional(
    z
      .union([
        text(TTL_FORM, (value) => {
          const read = readTimeToLive(value);
          return 'finding' in read ? read.finding : undefined;
        }),
        z.literal(0),
      ])
      .check(
        z.describe(
          'How long a sandbox lives: a number and s, m, h or d. 0 or left out: until it is destroyed.',
        ),
      ),
  ),
  ...ignored(KLANKER_KEYS['spec.lifecycle']),
});

const runtime = z.strictObject({
  substrate: z.optional(
    z
      .enum(SUBSTRATES)
      .check(z.describe('Who may assume the sandbox role; default docker: whoever creates the sandbox.')),
  ),
  ...ignored(KLANKER_KEYS['spec.runtime']),
});

const network = z.strictObject({
  egress: z.optional(
    z.strictObject({
      allowedHosts: z.optional(
        z
          .array(text(HOST_FORM, checkHostName))
          .check(z.describe('Hosts that the proxy lets through beside GitHub: names, or *.example.com.')),
      ),
      ...ignored(KLANKER_KEYS['spec.network.egress']),
    }),
  ),
  ...ignored(KLANKER_KEYS['spec.network']),
});

/** A profile as it is written. Defaults are filled in when it is compiled. */
export const profileSchema = z.strictObject({
  apiVersion: z.optional(z.literal(API_VERSION)),
  kind: z.optional(z.literal(KIND)),
  metadata: z.optional(metadata),
  spec: z.strictObject({
    lifecycle: z.optional(lifecycle),
    runtime: z.optional(runtime),
    network: z.optional(network),
    encryption: z.optional(
      z
        .enum(ENCRYPTIONS)
        .check(
          z.describe(
            'What encrypts the tokens: per-sandbox, a KMS key of its own (default, about $1 a month), or shared, one key of the platform.',
          ),
        ),
    ),
    sourceAccess: sourceAccessSchema,
    ...ignored(KLANKER_KEYS.spec),
  }),
});

/** A valid profile, as it was written. */
export type Profile = z.output<typeof profileSchema>;
