import * as z from 'zod/mini';
import { profileSchema } from './profile-schema.ts';

/**
 * The JSON schema of a profile, for editors: `# yaml-language-server: $schema=…`. Draft 7, which they all read.
 *
 * {@link https://json-schema.org/draft-07/json-schema-release-notes}
 */
export const profileJsonSchema = (): Readonly<Record<string, unknown>> => {
  const { $schema, ...schema } = z.toJSONSchema(profileSchema, { target: 'draft-7', io: 'input' });
  return {
    $schema,
    title: 'SandboxProfile',
    description: 'What a sandbox may reach on GitHub, and how long it lives. Read by km.',
    ...schema,
  };
};
