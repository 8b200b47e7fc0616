import type { Row } from '../row.ts';
import type { Memory, ProxyFigures, Times } from './measure-proxy.ts';
import type { Way } from './stage.ts';

const median = (runs: readonly number[] = []): number =>
  runs.toSorted((a, b) => a - b)[Math.floor(runs.length / 2)] ?? Number.NaN;

const of = (times: Times, name: Way['name']): number => median(times.get(name));

/** Throughput against direct, and against mitmproxy where it was measured. */
const throughput = (what: string, mebibytes: number, times: Times): Row[] => {
  const rate = (name: Way['name']): number => (mebibytes * 1000) / of(times, name);
  const shown = (name: Way['name']): string => `${rate(name).toFixed(0)} MiB/s`;
  const against = (reference: Way['name'], aim: string): Row => ({
    what,
    figure: shown('km'),
    reference: `${reference}: ${shown(reference)}`,
    ratio: `${(rate('km') / rate(reference)).toFixed(2)}×`,
    aim,
  });
  return [
    against('direct', 'at least 0.8×'),
    ...(times.has('mitmproxy') ? [against('mitmproxy', '5×')] : []),
  ];
};

const latency = (what: string, times: Times): Row => ({
  what,
  figure: `${of(times, 'km').toFixed(1)} ms`,
  reference: `direct: ${of(times, 'direct').toFixed(1)} ms`,
  ratio: `${(of(times, 'km') - of(times, 'direct')).toFixed(1)} ms more`,
  aim: 'under 15 ms more',
});

const memory = (what: string, { before, early, late, most }: Memory): Row => ({
  what,
  figure: `${most.toFixed(0)} MiB at most`,
  reference: `${before.toFixed(0)} MiB before it; first third ${early.toFixed(0)}, last third ${late.toFixed(0)}`,
  ratio: `${(late / early).toFixed(2)}×`,
  aim: 'under 120 MB, and flat',
});

/** The figures of the egress proxy as rows of the report. */
export const proxyRows = (figures: ProxyFigures): Row[] => {
  const { mebibytes, clone, push, download, upload } = figures;
  return [
    ...throughput(`proxy: \`git clone\` of ${mebibytes} MiB`, mebibytes, clone),
    ...throughput(`proxy: \`git push\` of ${mebibytes} MiB`, mebibytes, push),
    ...throughput(`proxy: a download of ${mebibytes} MiB with curl`, mebibytes, download),
    ...throughput(`proxy: an upload of ${mebibytes} MiB with curl`, mebibytes, upload),
    latency('proxy: `git ls-remote`, a whole process', figures.lsRemote),
    latency('proxy: a conditional REST request on a warm connection', figures.warm),
    ...(figures.memory
      ? [
          memory('proxy: memory in a clone of 1 GiB', figures.memory.clone),
          memory('proxy: memory in a push of 1 GiB', figures.memory.push),
        ]
      : []),
  ];
};

/** How to read them, for docs/benchmarks.md. */
export const PROXY_NOTES = `The rows of the proxy: git and curl run against the local GitHub behind a TLS front in a process of its own, in turn directly,
through km's egress proxy, and through mitmproxy with a filter for the same repos and streamed bodies; so that each way carries TLS to
GitHub, and each proxy carries it twice. The files do not compress. GitHub, front, proxy and git share the processors of
this machine: with two of them, a proxy takes time from the others that it would not take where GitHub is elsewhere.
Memory is the resident memory of the proxy's process, read every 100 ms; both 1 GiB repositories pass \`git fsck\` after it.`;
