export interface MeterReport {
  readonly limit: number;
  /** All that was asked for, and how often the answer was no. */
  readonly asked: number;
  readonly refused: number;
  /** The most that was asked for in one interval. */
  readonly peak: number;
}

export interface Meter {
  /** Takes so many, if the quota has them left. */
  readonly take: (now: number, amount?: number) => boolean;
  /** What is left of the interval. */
  readonly left: (now: number) => number;
  readonly report: () => MeterReport;
}

export interface MeterOptions {
  readonly limit: number;
  readonly intervalMs: number;
  /** By how much the limit is multiplied at a time; default 1. */
  readonly factor?: (now: number) => number;
  /** What others take of each interval; default 0. */
  readonly taken?: number;
}

/** A quota as AWS and GitHub write them: so many an interval. What is over is refused. */
export const createMeter = ({ limit, intervalMs, factor = () => 1, taken = 0 }: MeterOptions): Meter => {
  let interval = -1;
  let used = 0;
  let wanted = 0;
  let asked = 0;
  let refused = 0;
  let peak = 0;
  const begin = (now: number): void => {
    const current = Math.floor(now / intervalMs);
    if (current === interval) return;
    interval = current;
    used = 0;
    wanted = 0;
  };
  return {
    take: (now, amount = 1) => {
      begin(now);
      asked += amount;
      wanted += amount;
      if (wanted > peak) peak = wanted;
      if (used + amount > limit * factor(now) - taken) {
        refused += 1;
        return false;
      }
      used += amount;
      return true;
    },
    left: (now) => {
      begin(now);
      return Math.max(0, Math.floor(limit * factor(now) - taken - used));
    },
    report: () => ({ limit, asked, refused, peak: peak + taken }),
  };
};
