import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** The words of a shell command without expansions; single quotes hold words together. */
export const shellWords = (command: string): string[] =>
  (command.match(/'[^']*'|[^\s']+/g) ?? []).map((word) => word.replace(/^'(.*)'$/, '$1'));

const pascal = (name: string): string =>
  name
    .split('-')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');

/** What the AWS CLI makes of a value: a number, its shorthand for one level of a map, or text. */
function flagValue(text: string): unknown {
  if (/^\d+$/.test(text)) return Number(text);
  const map = /^([A-Z]\w*)=\{(.*)\}$/.exec(text);
  if (!map) return text;
  return { [map[1] ?? '']: Object.fromEntries((map[2] ?? '').split(',').map((pair) => pair.split('=', 2))) };
}

/** Runs `aws SERVICE OPERATION --flag value…` with the SDK, so that a test needs no AWS CLI. */
export async function awsCommand(words: readonly string[], config: object): Promise<void> {
  const [, service = '', operation = '', ...flags] = words;
  const sdk = require(`@aws-sdk/client-${service}`) as Record<string, new (input: object) => object>;
  const input: Record<string, unknown> = {};
  for (let at = 0; at < flags.length; at += 2) {
    input[pascal(flags[at]?.replace(/^--/, '') ?? '')] = flagValue(flags[at + 1] ?? '');
  }
  const Client =
    sdk[
      `${service === 'sqs' || service === 'ssm' || service === 'kms' ? service.toUpperCase() : pascal(service)}Client`
    ];
  const Command = sdk[`${pascal(operation)}Command`];
  if (!Client || !Command) throw new Error(`no command aws ${service} ${operation}`);
  await (new Client(config) as { send(command: object): Promise<unknown> }).send(new Command(input));
}
