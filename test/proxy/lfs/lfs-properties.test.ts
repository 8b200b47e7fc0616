import { test } from 'vitest';
import { lfsBatchesAreAlwaysDecided, signedUrlsLeadToStorage } from './lfs.property.ts';

test(signedUrlsLeadToStorage.title, () => signedUrlsLeadToStorage.run(500));

test(lfsBatchesAreAlwaysDecided.title, () => lfsBatchesAreAlwaysDecided.run(500));
