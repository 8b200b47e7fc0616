import { parentPort } from 'node:worker_threads';
import { type CellOptions, simulateCell } from './cell.ts';

parentPort?.on('message', (options: CellOptions) => {
  void simulateCell(options).then((report) => parentPort?.postMessage(report));
});
