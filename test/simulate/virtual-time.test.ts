import { expect, test } from 'vitest';
import { createVirtualTime } from '../../scripts/simulate/virtual-time.ts';

test('what is due runs by its time, and at one time in the order in which it was asked for', async () => {
  const time = createVirtualTime(1_000);
  const seen: string[] = [];
  for (const [at, name] of [
    [5_000, 'late'],
    [2_000, 'first'],
    [3_000, 'a'],
    [3_000, 'b'],
    [3_000, 'c'],
  ] as const)
    time.at(at, () => seen.push(`${name} ${time.now()}`));

  expect(await time.run(4_000)).toBe(4);
  expect(seen).toEqual(['first 2000', 'a 3000', 'b 3000', 'c 3000']);
  expect(time.now()).toBe(4_000);
  expect(await time.run(10_000)).toBe(1);
  expect(seen.at(-1)).toBe('late 5000');
});

test('a thousand times in any order run in order', async () => {
  const time = createVirtualTime(0);
  const seen: number[] = [];
  for (let index = 0; index < 1_000; index += 1) {
    const at = (index * 7_919) % 1_000;
    time.at(at, () => seen.push(at));
  }
  await time.run(1_000);
  expect(seen).toEqual(Array.from({ length: 1_000 }, (_, index) => index));
});

test('code that awaits goes as far as it can before time goes on', async () => {
  const time = createVirtualTime(0);
  const seen: string[] = [];
  const work = async (name: string, ms: number): Promise<void> => {
    await time.sleep(ms);
    for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
    seen.push(`${name} ${time.now()}`);
    await time.sleep(ms);
    seen.push(`${name} ${time.now()}`);
  };
  void work('one', 10);
  void work('other', 11);
  await time.run(100);
  expect(seen).toEqual(['one 10', 'other 11', 'one 20', 'other 22']);
});

test('a sleep ends when its signal aborts', async () => {
  const time = createVirtualTime(0);
  const controller = new AbortController();
  const sleeping = time.sleep(1_000, controller.signal);
  time.at(10, () => controller.abort(new Error('no longer')));
  const refused = expect(sleeping).rejects.toThrow('no longer');
  await time.run(20);
  await refused;
});

test('an error of what is due ends the run', async () => {
  const time = createVirtualTime(0);
  time.at(1, () => {
    throw new Error('a fault of the model');
  });
  await expect(time.run(10)).rejects.toThrow('a fault of the model');
});
