/**
 * A process that stands for one of Lambda's: it loads the function whose path it is given, refreshes, and tells its own
 * processor time. Plain JavaScript, so that nothing but the function is loaded and compiled.
 */
const [file, warmUp, refreshes, allowedRepos] = process.argv.slice(2);

const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

// Its log is no part of the answer.
process.stdout.write = () => true;

const load = async () => (file.endsWith('.mjs') ? import(file) : require(file));

const run = async () => {
  const started = cpuMs();
  const { handler } = await load();
  const loaded = cpuMs();
  let count = 0;
  const refresh = () => {
    count += 1;
    const event = {
      sandbox_id: `sb-${String(count % 100).padStart(8, '0')}`,
      allowed_repos: JSON.parse(allowedRepos),
      permissions: { contents: 'write' },
    };
    return handler(event, { awsRequestId: String(count), getRemainingTimeInMillis: () => 60_000 });
  };
  await refresh();
  const first = cpuMs();
  for (let index = 0; index < Number(warmUp); index += 1) await refresh();
  const before = cpuMs();
  for (let index = 0; index < Number(refreshes); index += 1) await refresh();
  const each = Number(refreshes) > 0 ? (cpuMs() - before) / Number(refreshes) : 0;
  const { maxRSS } = process.resourceUsage();
  process.send({
    bootMs: started,
    importMs: loaded - started,
    firstMs: first - loaded,
    warmMs: each,
    rssMb: maxRSS / 1024,
  });
};

run()
  .catch((error) => process.send({ failed: error.name }))
  .finally(() => process.exit());
