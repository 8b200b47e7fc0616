/** The options of every command that talks to AWS. */
export const CLOUD_OPTIONS = [
  ['--local', 'use the running local cloud'],
  ['--state <dir>', "the local cloud's state directory (implies --local)"],
  ['--prefix <prefix>', 'the platform\'s prefix (default: $KM_PREFIX, or "km")'],
] as const;

/** The options of every command. */
export const COMMON_OPTIONS = [
  ['--json', 'print the result as JSON'],
  ['-q, --quiet', 'print results and errors only'],
  ['--verbose', 'print the causes of an error'],
] as const;
