import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resourceNames } from '../../lib/broker/names.ts';
import { event, ID } from '../broker/broker-scene.ts';
import { sceneWithTokens } from './lambda-scene.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/audit.md'), 'utf8');
const blocks = [...page.matchAll(/```(\w*)\n(.*?)```/gs)].map(([, language, text]) => ({ language, text }));
/** The queries of the refresher's own log group. */
const insights = blocks.flatMap(({ language, text = '' }) =>
  language === '' && /\b(?:sandbox_id|request_id)\b/.test(text) ? [text] : [],
);

test('the queries of the refresher’s log use only fields that its lines have', async () => {
  const refreshEvent = event(['my-user/my-repo']);
  const scene = await sceneWithTokens(refreshEvent);
  await scene.invoke(refreshEvent);
  await scene.invoke({ action: 'revoke', sandbox_id: ID });
  await scene.invoke(refreshEvent).catch(() => undefined);
  const logged = new Set(scene.lines.flatMap(Object.keys));
  // What the entry point puts on each line, and a failure's.
  for (const name of ['@timestamp', 'request_id', 'code', 'message']) logged.add(name);
  const used = insights.flatMap((query) => [
    ...[...query.matchAll(/^(?:\| )?fields (.*)$/gm)].flatMap(([, names = '']) => names.split(', ')),
    ...[...query.matchAll(/\bfilter ([\w.]+) /g)].map(([, name = '']) => name),
  ]);
  expect(insights).toHaveLength(4);
  expect(used.length).toBeGreaterThan(15);
  expect(used.filter((name) => !logged.has(name))).toEqual([]);
});

test('names are those of the platform', () => {
  const names = resourceNames();
  for (const name of [
    names.sandboxRole('ID'),
    names.refresherRole('REGION'),
    names.schedulerRole('REGION'),
    names.cloudFormationRole('REGION'),
    names.functionName,
    names.logGroup,
    names.privateKey,
    `${names.sandboxPath('ID')}/`,
  ])
    expect(page).toContain(name);
});

test('the event selectors are what can be pasted', () => {
  const [selectors = ''] = blocks.flatMap(
    ({ text = '' }) => /--advanced-event-selectors '(\[.*\])'/s.exec(text)?.[1] ?? [],
  );
  expect(JSON.parse(selectors)).toHaveLength(2);
});
