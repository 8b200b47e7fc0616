import { applyFix, FIX_ORDER } from '../doctor/apply-fix.ts';
import { GATE } from '../doctor/checks.ts';
import { checksFor, diagnose } from '../doctor/diagnose.ts';
import { describeFix, type Fix } from '../doctor/fix.ts';
import { worstOf } from '../doctor/run-checks.ts';
import { KmError } from '../errors.ts';
import { explainAwsError } from '../sandbox/explain-aws-error.ts';
import { VERSION } from '../version.ts';
import { confirm } from './confirm.ts';
import { COLOURS, MARKS, type ReportLine, reportJson, reportLines, showReport } from './doctor-report.ts';
import type { Invocation } from './invocation.ts';
import { LiveList } from './live-list.ts';

const REPO = /^[A-Za-z0-9][A-Za-z0-9_-]{0,38}\/[A-Za-z0-9._-]{1,100}$/;

/** `km doctor [ID…]`: what is wrong, why, and how to mend it. Ends with 1 when something has failed. */
export async function run(invocation: Invocation): Promise<number | undefined> {
  const { args, options, terminal, env } = invocation;
  const probe = probeOf(options);
  // What the session takes out or puts in for the local cloud is no setting of the caller's.
  const callers = { ...env };
  const { context } = await invocation.session();
  const quiet = Boolean(options.quiet);
  const entries = [GATE, ...checksFor({ ...(probe === undefined ? {} : { probe }) })];
  const list = new LiveList(terminal, { entries, quiet: quiet || Boolean(options.json) });
  const results = await diagnose(context, {
    ids: [...new Set(args)],
    ...(probe === undefined ? {} : { probe }),
    env: callers,
    version: VERSION,
    onResult: ({ id, findings }) => {
      const status = worstOf(findings);
      list.end(id, terminal.style(COLOURS[status], MARKS[status], 'stderr'));
    },
  }).finally(() => list.clear());
  const lines = reportLines(results);
  if (!options.json) showReport(terminal, lines, { quiet });
  const fixed = options.fix ? await fix(invocation, lines) : [];
  if (options.json) terminal.json({ ...reportJson(lines), ...(options.fix ? { fixed } : {}) });
  const failed = lines.filter(
    ({ status, fix: offer }) => status === 'fail' && !(offer && fixed.includes(offer.name)),
  );
  return failed.length > 0 || (options.fix && fixed.length < fixesOf(lines).length) ? 1 : undefined;
}

function probeOf(options: Invocation['options']): string | undefined {
  const { repo, probe } = options;
  if (repo !== undefined && !probe)
    throw new KmError('ErrUsage', '--repo names what --probe tries: give both.');
  if (typeof repo === 'string' && !REPO.test(repo)) {
    throw new KmError('ErrUsage', `--repo '${repo}' is not OWNER/NAME.`);
  }
  return probe ? String(repo ?? '') : undefined;
}

const fixesOf = (lines: readonly ReportLine[]): Fix[] =>
  FIX_ORDER.flatMap((kind) => lines.flatMap(({ fix: offer }) => (offer?.kind === kind ? [offer] : [])));

/** Does what the findings offer, once it is agreed to; in the local cloud as its administrator. Answers what was done. */
async function fix(invocation: Invocation, lines: readonly ReportLine[]): Promise<string[]> {
  const { options, terminal, env } = invocation;
  const fixes = fixesOf(lines);
  if (fixes.length === 0) {
    terminal.progress('Nothing that --fix may mend.');
    return [];
  }
  if (!options.yes) {
    for (const each of fixes) terminal.progress(`would ${describeFix(each)}`);
    await confirm(terminal, `Do ${fixes.length === 1 ? 'this' : `these ${fixes.length} things`}?`, '--yes');
  }
  const { openSession } = await import('./session.ts');
  const { context } = await openSession({ options, env, administrator: true });
  const done: string[] = [];
  for (const each of fixes) {
    try {
      await applyFix(context, each);
      done.push(each.name);
      if (!options.json) terminal.result(`fixed: ${describeFix(each)}`);
    } catch (error) {
      const known = explainAwsError(error);
      if (!(known instanceof KmError)) throw error;
      terminal.error(`not fixed: ${describeFix(each)}: ${known.message}`);
      if (known.remedy !== undefined)
        terminal.error(`${terminal.style('cyan', '→', 'stderr')} ${known.remedy}`);
    }
  }
  return done;
}
