import { join } from 'node:path';
import { kmApp } from '../lib/stacks/app.ts';

const root = join(import.meta.dirname, '..');

kmApp({ functionCode: join(root, 'dist', 'refresher') }).app.synth();
