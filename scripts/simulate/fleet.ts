import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { addReports } from './add-reports.ts';
import type { CellOptions, CellReport } from './cell.ts';
import type { PlanName } from './fault-plan.ts';

export interface FleetOptions {
  readonly sandboxes: number;
  readonly days: number;
  readonly plan: PlanName;
  readonly seed: number;
  readonly retries: boolean;
  readonly sandboxesPerCell: number;
  readonly sandboxesPerInstallation: number;
  readonly mintLimit: 'installation' | 'app';
  readonly createdWithinMinutes: number;
  readonly spreadMinutes?: number;
  readonly periodMinutes: number;
  readonly maxReceives: number;
  readonly readsPerHour: number;
  readonly apiRequestsPerHour?: number;
  /** Threads; default one a processor. */
  readonly workers?: number;
}

export interface FleetReport {
  readonly options: FleetOptions;
  readonly cells: readonly CellOptions[];
  readonly total: CellReport;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
}

/** A fleet as platforms that share nothing: each has its account and region, its App and its installations. */
export const cellsOf = (options: FleetOptions): readonly CellOptions[] => {
  const { sandboxes, sandboxesPerCell, sandboxesPerInstallation } = options;
  const count = Math.max(1, Math.ceil(sandboxes / sandboxesPerCell));
  return Array.from({ length: count }, (_, index) => {
    const share = Math.floor(((index + 1) * sandboxes) / count) - Math.floor((index * sandboxes) / count);
    return {
      ...options,
      name: `cell-${index + 1}`,
      sandboxes: share,
      installations: Math.max(1, Math.ceil(share / sandboxesPerInstallation)),
    };
  });
};

/**
 * Simulates a fleet, one platform after another on each thread. They share no quota, so that this changes nothing; what
 * happens to GitHub happens to all of them at the same time.
 */
export const simulateFleet = async (options: FleetOptions): Promise<FleetReport> => {
  const began = performance.now();
  const cpu = process.cpuUsage();
  const cells = cellsOf(options);
  const reports: CellReport[] = [];
  let next = 0;

  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL('./worker.ts', import.meta.url));
      const give = (): void => {
        const index = next;
        next += 1;
        if (index >= cells.length) {
          worker.off('exit', reject);
          void worker.terminate().then(() => resolve());
          return;
        }
        worker.once('message', (report: CellReport) => {
          reports[index] = report;
          give();
        });
        worker.postMessage(cells[index]);
      };
      worker.once('error', reject);
      worker.once('exit', reject);
      give();
    });

  const threads = Math.min(cells.length, options.workers ?? availableParallelism());
  await Promise.all(Array.from({ length: threads }, work));
  const { user, system } = process.cpuUsage(cpu);
  return {
    options,
    cells,
    total: addReports(reports),
    wallSeconds: (performance.now() - began) / 1000,
    cpuSeconds: (user + system) / 1e6,
  };
};
