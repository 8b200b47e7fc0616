import { homedir } from 'node:os';
import * as prompts from '@clack/prompts';
import type { AppContext } from '../app/app-context.ts';
import type { AppConfig } from '../app/app-store.ts';
import { compareInstallations, type InstallationComparison } from '../app/compare-installations.ts';
import {
  type ConfigurationPlan,
  type ConfigurationRequest,
  planConfiguration,
} from '../app/plan-configuration.ts';
import { readKeyFile } from '../app/read-key-file.ts';
import type { InspectAnswer } from '../broker/inspection.ts';
import { KmError } from '../errors.ts';
import { clientIdProblem, hostProblem } from './configure-options.ts';
import { shown, type Terminal } from './terminal.ts';

export interface Asking {
  readonly context: AppContext;
  /** What flags have given; it is not asked for. */
  readonly given: ConfigurationRequest;
  readonly stored: AppConfig;
  readonly inspection: InspectAnswer | undefined;
  readonly force: boolean;
}

export interface Answers {
  readonly plan: ConfigurationPlan;
  /** The installations that were chosen, beside what is stored. */
  readonly discovered: InstallationComparison;
  /** Whether other values may take the place of those stored. */
  readonly agreed: boolean;
}

type Common = Pick<prompts.TextOptions, 'input' | 'output' | 'signal'>;

// The prompts write past the terminal's own lines: whatever AWS and GitHub tell goes through `shown` here.

/**
 * Asks for what flags have not given, checks it with GitHub, and asks again when GitHub does not take it.
 * Throws `ErrUsage` when it is called off.
 */
export async function askConfiguration(terminal: Terminal, asking: Asking): Promise<Answers> {
  const { stdin: input, stderr: output } = terminal.streams;
  const ended = new AbortController();
  // A terminal that is closed answers nothing any more.
  input.once('end', () => ended.abort());
  const common: Common = { input, output, signal: ended.signal };
  prompts.intro('The GitHub App of this platform', common);
  const plan = await askUntilTaken(common, asking);
  const compared = compareInstallations(plan.seen.installations, asking.stored);
  const discovered = plan.chosen ? { found: [], gone: [] } : await askInstallations(common, compared);
  const agreed = asking.force || (await agree(common, plan, discovered));
  prompts.outro(`${shown(plan.seen.app.name)} is checked.`, common);
  return { plan, discovered, agreed };
}

async function askUntilTaken(common: Common, asking: Asking): Promise<ConfigurationPlan> {
  const { context, given, stored, inspection } = asking;
  for (;;) {
    const request = { ...given, ...(await askValues(common, asking)) };
    const waiting = prompts.spinner(common);
    waiting.start('checking with GitHub');
    try {
      const plan = await planConfiguration(context, request, stored, inspection);
      waiting.stop(
        `GitHub App ${shown(plan.seen.app.name)}, ${plan.seen.installations.length} installation(s)`,
      );
      return plan;
    } catch (error) {
      const again =
        error instanceof KmError &&
        /^ErrGitHub(?:KeyOfAnotherApp|BadKey|BadHost|Unavailable)$/.test(error.code);
      if (!again || (given.key && given.clientId)) {
        waiting.error('GitHub does not take it');
        throw error;
      }
      waiting.error(shown(`${error.message}${error.remedy ? `\n${error.remedy}` : ''}`));
    }
  }
}

async function askValues(common: Common, { given, stored }: Asking): Promise<Partial<ConfigurationRequest>> {
  const hasKey = stored.privateKey !== undefined || stored.signingKey !== undefined;
  const host =
    given.host ??
    (await ask(common, {
      message: 'GitHub host',
      initialValue: shown(stored.host ?? 'github.com'),
      validate: (text) => hostProblem(text ?? ''),
    }));
  const clientId =
    given.clientId ??
    (await ask(common, {
      message: "Client id, from the App's settings",
      placeholder: 'Iv23li…',
      ...(stored.clientId === undefined ? {} : { initialValue: shown(stored.clientId) }),
      validate: (text) => clientIdProblem(text?.trim() ?? ''),
    }));
  if (given.key) return { host, clientId };
  const path = await ask(common, {
    message: `Private key file, as GitHub downloaded it${hasKey ? ' (empty: keep the stored key)' : ''}`,
    placeholder: hasKey ? '' : '~/Downloads/your-app.private-key.pem',
    defaultValue: '',
    validate: (text) => (hasKey && !text ? undefined : keyFileProblem(text ?? '')),
  });
  if (path === '') return { host, clientId };
  const key = readKeyFile(expanded(path));
  for (const warning of key.warnings) prompts.log.warn(shown(warning), common);
  return { host, clientId, key };
}

const expanded = (path: string): string => path.trim().replace(/^~(?=\/|$)/, homedir());

function keyFileProblem(text: string): string | undefined {
  if (text.trim() === '') return 'The path of the PEM file';
  try {
    readKeyFile(expanded(text));
    return undefined;
  } catch (error) {
    if (error instanceof KmError) return shown(error.message);
    throw error;
  }
}

async function askInstallations(
  common: Common,
  { found, gone }: InstallationComparison,
): Promise<InstallationComparison> {
  if (found.length === 0) {
    prompts.log.warn(
      'It is not installed on any account yet: install it, then km configure github --discover',
      common,
    );
    return { found: [], gone };
  }
  const chosen = await prompts.multiselect({
    ...common,
    message: 'Accounts whose installation is stored',
    options: found.map(({ account, id, state, suspended }) => ({
      value: account,
      label: account,
      hint: `${id}, ${state}${suspended ? ', suspended' : ''}`,
    })),
    initialValues: found.filter(({ suspended }) => !suspended).map(({ account }) => account),
    maxItems: 12,
    required: false,
  });
  if (prompts.isCancel(chosen)) throw calledOff();
  return { found: found.filter(({ account }) => chosen.includes(account)), gone };
}

/** Asks before anything takes the place of another value. */
async function agree(
  common: Common,
  plan: ConfigurationPlan,
  { found }: InstallationComparison,
): Promise<boolean> {
  const lines = [
    ...plan.items
      .filter(({ state }) => state === 'changed')
      .map(({ what, stored, given }) => `${what}: ${stored} → ${given}`),
    ...found
      .filter(({ state }) => state === 'changed')
      .map(({ account, stored, id }) => `installation of ${account}: ${stored} → ${id}`),
  ];
  if (lines.length === 0) return false;
  prompts.note(shown(lines.join('\n')), 'Other values are stored', common);
  const answer = await prompts.confirm({
    ...common,
    message: 'Put the new ones in their place?',
    initialValue: false,
  });
  if (prompts.isCancel(answer)) throw calledOff();
  return answer;
}

async function ask(common: Common, options: prompts.TextOptions): Promise<string> {
  const answer = await prompts.text({ ...common, ...options });
  if (prompts.isCancel(answer)) throw calledOff();
  return answer.trim();
}

const calledOff = (): KmError => new KmError('ErrUsage', 'Nothing was written.');
