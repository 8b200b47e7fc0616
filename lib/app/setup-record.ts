import { z } from 'zod';

const shared = {
  version: z.literal(1),
  /** Of the run that wrote it. */
  pid: z.int().positive(),
  /** GitHub's host, as it is to be stored. */
  host: z.string(),
  /** Whether another App's configuration may be replaced: the run was given `--force`. */
  replace: z.boolean(),
};

const schema = z.discriminatedUnion('stage', [
  /** A run waits for the browser; nothing is lost with it. */
  z.strictObject({ ...shared, stage: z.literal('started') }),
  /** GitHub has made the App; the code turns into its key once. */
  z.strictObject({
    ...shared,
    stage: z.literal('code'),
    code: z.string(),
    /** The organization that owns it. */
    org: z.string().optional(),
  }),
  /** The App as GitHub handed it out. */
  z.strictObject({
    ...shared,
    stage: z.literal('app'),
    app: z.strictObject({
      id: z.number(),
      slug: z.string(),
      name: z.string(),
      owner: z.string(),
      clientId: z.string(),
      htmlUrl: z.string(),
      pem: z.string(),
    }),
  }),
]);

/** How far a set-up has come, as the recovery file keeps it. It can hold the App's key. */
export type SetupRecord = z.output<typeof schema>;

/** The record of one stage. */
export type RecordAt<Stage extends SetupRecord['stage']> = Extract<SetupRecord, { stage: Stage }>;

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Reads a record; `undefined` for anything else. */
export const readSetupRecord = (text: string): SetupRecord | undefined => schema.safeParse(jsonOf(text)).data;
