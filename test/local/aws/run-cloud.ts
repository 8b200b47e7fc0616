import { startLocalCloud } from '../../../lib/local/start.ts';

/** Runs a local cloud in a process of its own, for tests that kill it: prints its address and keys as one line. */
const { url, admin, adminToken } = await startLocalCloud({ stateDir: process.argv[2] ?? '' });
console.log(JSON.stringify({ url, admin, adminToken }));
