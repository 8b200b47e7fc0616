import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';

const RULES = resolve(import.meta.dirname, '../../scripts/proxy/rules.nft');

/** Two machines in a network of their own, the first with the rules; user 999 stands for km-proxy. */
const NETWORK = `
set -euo pipefail
mount -t tmpfs none /run && mkdir /run/netns
ip netns add km && ip netns add outside
ip link add km0 type veth peer name out0 && ip link set km0 netns km && ip link set out0 netns outside
ip -n km address add 10.9.0.1/24 dev km0 && ip -n outside address add 10.9.0.2/24 dev out0
for net in km outside; do ip -n $net link set lo up; done
ip -n km link set km0 up && ip -n outside link set out0 up
sed 's/{ root, km-proxy }/{ 0, 999 }/' "$RULES" | ip netns exec km nft -f -
listen() { # network, user, port
  ip netns exec "$1" "$NODE" -e '
    const [user, port] = process.argv.slice(1).map(Number);
    process.setuid(user);
    require("net").createServer((socket) => socket.end("content")).listen(port, () => console.log("ready"));
  ' "$2" "$3" >"/run/$3" &
  while [[ ! -s /run/$3 ]]; do sleep 0.05; done
}
reach() { # what is tried; network, user, address, port
  ip netns exec "$2" "$NODE" -e '
    const [what, user, host, port] = process.argv.slice(1);
    process.setuid(Number(user));
    const socket = require("net").connect({ host, port, timeout: 1500 });
    const tell = (how) => { console.log(what + ": " + how); process.exit(); };
    socket.on("data", () => tell("reached")).on("error", () => tell("refused")).on("timeout", () => tell("refused"));
  ' "$1" "$3" "$4" "$5"
}
trap 'kill $(jobs -p)' EXIT
listen outside 0 443
listen km 1500 8080
listen km 0 22
reach 'a user, to the outside' km 1500 10.9.0.2 443
reach 'the proxy, to the outside' km 999 10.9.0.2 443
reach 'a user, to this machine' km 1500 10.9.0.1 22
reach 'from outside, a service of the system' outside 0 10.9.0.1 22
reach 'from outside, what a user listens on' outside 0 10.9.0.1 8080
`;

const isolated = (script: string) =>
  spawnSync('unshare', ['-m', '-n', 'bash', '--norc', '-c', script], {
    encoding: 'utf8',
    env: { PATH: `${process.env.PATH}:/usr/sbin:/sbin`, RULES, NODE: process.execPath },
  });

const canTry = isolated('type nft ip && ip link add km0 type veth peer name out0').status === 0;
if (!canTry)
  process.stderr.write('nft, ip or the right to make networks is missing: the rules are not tried\n');

test.runIf(canTry)('with the rules users reach this machine alone, and nobody outside reaches them', () => {
  const { stdout, stderr } = isolated(NETWORK);
  expect(stderr).toBe('');
  expect(stdout.trimEnd().split('\n')).toEqual([
    'a user, to the outside: refused',
    'the proxy, to the outside: reached',
    'a user, to this machine: reached',
    'from outside, a service of the system: reached',
    'from outside, what a user listens on: refused',
  ]);
});
