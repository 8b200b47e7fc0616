import type { ListedSandbox } from '../sandbox/list-sandboxes.ts';
import { type FleetView, oldestMint } from '../sandbox/watch-fleet.ts';
import { formatDuration, formatTable } from './format.ts';
import { healthStyle } from './show-sandbox.ts';
import { plain } from './terminal.ts';

type Style = ReturnType<typeof healthStyle> | 'bold';

/** A line of the table, not styled yet, so that it can be cut to a width first. */
export interface FleetLine {
  readonly text: string;
  readonly style?: Style;
}

const HEADING = ['ID', 'PROFILE', 'TOKEN AGE', 'EXPIRES IN', 'STATE', 'OWNERS', 'FAILURE'];
const MOST_OF_A_CELL = 40;

const cell = (text: string): string => {
  const safe = plain(text);
  return safe.length > MOST_OF_A_CELL ? `${safe.slice(0, MOST_OF_A_CELL - 1)}…` : safe;
};

/** How many there are, how they are, and how old the oldest token is. */
export function fleetSummary({ at, sandboxes }: FleetView): string {
  const counts = new Map<string, number>();
  for (const { health } of sandboxes) counts.set(health, (counts.get(health) ?? 0) + 1);
  const minted = sandboxes.flatMap((sandbox) => oldestMint(sandbox) ?? []);
  const oldest = minted.reduce((least, each) => Math.min(least, each), Number.POSITIVE_INFINITY);
  return [
    `${new Date(at).toISOString().slice(0, 19)}Z`,
    `${sandboxes.length} ${sandboxes.length === 1 ? 'sandbox' : 'sandboxes'}`,
    ...[...counts].map(([health, count]) => `${count} ${health}`),
    ...(Number.isFinite(oldest) ? [`oldest token ${formatDuration(at - oldest)}`] : []),
  ].join('  ');
}

/** The heading and a line for each of the first `most` sandboxes. */
export function fleetTable({ at, sandboxes }: FleetView, most = sandboxes.length): readonly FleetLine[] {
  const shown = sandboxes.slice(0, most);
  const [heading = '', ...lines] = formatTable([HEADING, ...shown.map((sandbox) => row(sandbox, at))]);
  return [
    { text: heading, style: 'bold' },
    ...lines.map((text, index) => ({ text, style: healthStyle(shown[index]?.health ?? 'failed') })),
  ];
}

function row(sandbox: ListedSandbox, now: number): string[] {
  const minted = oldestMint(sandbox);
  const expires = Math.min(...sandbox.tokens.map(({ expiresAt }) => Date.parse(expiresAt)));
  return [
    cell(sandbox.id),
    cell(sandbox.profile),
    minted === undefined ? '-' : formatDuration(now - minted),
    !Number.isFinite(expires) ? '-' : expires <= now ? 'expired' : formatDuration(expires - now),
    sandbox.health,
    cell(sandbox.owners.join(',') || '-'),
    failureOf(sandbox, now),
  ];
}

function failureOf({ health, stackStatus, tokens }: ListedSandbox, now: number): string {
  if (health === 'failed') return plain(stackStatus);
  const told = tokens.flatMap(({ owner, failure }) =>
    failure ? [`${owner}: ${failure.code} for ${formatDuration(now - Date.parse(failure.at))}`] : [],
  );
  return plain(told.join(', '));
}
