/**
 * `npm run chaos`: a fleet of sandboxes through an hour of virtual time in which GitHub and AWS fail, processes are
 * killed and the local cloud is restarted. docs/chaos.md says what must hold. The same seed is the same plan.
 *
 * Options: `--seed N` (drawn when absent, and printed), `--sandboxes 50`, `--minutes 60`, `--rounds 12`, `--plan` to
 * print the plan alone. Exits 1 when something did not hold.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { describePlan, makePlan } from './plan.ts';
import { runChaos } from './run-chaos.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    sandboxes: { type: 'string', default: '50' },
    minutes: { type: 'string', default: '60' },
    rounds: { type: 'string', default: '12' },
    plan: { type: 'boolean', default: false },
  },
});
const number = (name: 'sandboxes' | 'minutes' | 'rounds' | 'seed', text: string): number => {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= (name === 'seed' ? 0 : 1)) return value;
  console.error(`--${name} '${text}' is not a whole number`);
  process.exit(2);
};
const plan = makePlan({
  seed: number('seed', values.seed ?? String(randomInt(2 ** 31))),
  sandboxes: number('sandboxes', values.sandboxes),
  minutes: number('minutes', values.minutes),
  rounds: number('rounds', values.rounds),
});
const repeat = `npm run chaos -- --seed ${plan.seed} --sandboxes ${plan.sandboxes} --minutes ${plan.minutes} --rounds ${plan.rounds}`;
console.log(repeat);
if (values.plan) {
  for (const line of describePlan(plan)) console.log(line);
  process.exit(0);
}

const began = performance.now();
const { findings, summary } = await runChaos(plan, { git: 10, log: (line) => console.log(line) });
for (const line of summary) console.log(line);
console.log(`${Math.round((performance.now() - began) / 1000)} s`);
if (findings.length > 0) {
  for (const line of describePlan(plan)) console.log(line);
  for (const finding of findings) console.log(`✗ ${finding}`);
  console.log(`${findings.length} findings. The same again: ${repeat}`);
  process.exitCode = 1;
}
