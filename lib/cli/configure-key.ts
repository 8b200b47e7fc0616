import type { AppContext } from '../app/app-context.ts';
import { type ChangedKey, checkNewKey, rotateKey } from '../app/rotate-key.ts';
import { signWithKms, signWithParameter } from '../app/switch-signer.ts';
import { shellWord } from '../shell-word.ts';
import { type ConfigureOptions, readGivenKeyFile, STDIN_SOURCE } from './configure-options.ts';
import { formatMoment } from './format.ts';
import type { Invocation } from './invocation.ts';
import { appJson, showApp } from './show-app.ts';

/** `km configure github --rotate-key` and `--signer`: another key for the App that is stored, without an outage. */
export async function run(
  invocation: Invocation,
  context: AppContext,
  options: ConfigureOptions,
): Promise<undefined> {
  const { terminal } = invocation;
  const onStep = (step: string) => terminal.progress(`  … ${step}`);
  const key = await readGivenKeyFile(invocation, options.keyFile ?? '');
  const checked = await checkNewKey(context, { key, onStep });
  const signer = options.signer ?? checked.signer;
  const change = { key, dryRun: options.dryRun, onStep };
  const changed =
    signer === 'kms'
      ? await signWithKms(context, checked, change)
      : options.signer === 'parameter'
        ? await signWithParameter(context, checked, change)
        : await rotateKey(context, checked, change);
  const now = await context.cloud.now();
  if (invocation.options.json) {
    const { seen, oldKeyUnusedFrom, ...known } = changed;
    terminal.json({
      ...appJson(seen),
      signer,
      ...known,
      ...(oldKeyUnusedFrom === undefined
        ? {}
        : { oldKeyUnusedFrom: new Date(oldKeyUnusedFrom).toISOString() }),
      dryRun: options.dryRun,
    });
    return;
  }
  showApp(terminal, changed.seen);
  if (options.dryRun) {
    terminal.result(
      changed.changed
        ? `The key ${changed.fingerprint} is of this App. Nothing was written: --dry-run.`
        : `The key ${changed.fingerprint} is in use already.`,
    );
    return;
  }
  showChanged(invocation, changed, { signer, source: key.source, now });
}

interface Told {
  readonly signer: 'parameter' | 'kms';
  readonly source: string;
  readonly now: number;
}

function showChanged({ terminal }: Invocation, changed: ChangedKey, { signer, source, now }: Told): void {
  const { fingerprint, oldFingerprint, oldKeyUnusedFrom, provenFor, settingsUrl } = changed;
  const where = signer === 'kms' ? 'in KMS, where nobody can copy it' : 'as a stored key';
  if (!changed.changed && oldKeyUnusedFrom === undefined) {
    terminal.result(`The key ${fingerprint} is in use already, ${where}.`);
    return;
  }
  terminal.result(`The key ${fingerprint} is in use, ${where}.`);
  terminal.result(
    provenFor === undefined
      ? '  not proven with a token: the App has no installation that is not suspended'
      : `  proven    a token for ${provenFor} was minted, used and revoked`,
  );
  if (oldFingerprint !== undefined && oldFingerprint !== fingerprint && oldKeyUnusedFrom !== undefined) {
    terminal.result(`  old key   ${oldFingerprint} is still valid on GitHub, and in use until`);
    terminal.result(
      `            ${formatMoment(oldKeyUnusedFrom, now)}; delete it after that: ${settingsUrl}`,
    );
  }
  terminal.result(
    source === STDIN_SOURCE
      ? '  file      delete whatever file it came from: no copy is needed'
      : `  file      rm ${shellWord(source)}   (no copy is needed)`,
  );
}
