import type { FleetOptions } from './fleet.ts';
export const writeScale = async (_options: FleetOptions, _tell: (line: string) => void): Promise<void> => {};
