import { POLICY } from '../server/scene.ts';
import { type Attack, attacks, type Setting } from './attack.ts';
import { asked, within } from './shots.ts';
import { helloFor } from './tunnelled.ts';

const HOST = 'a.example.com';
const REACHING = within(`${HOST}:443`, helloFor(HOST));
const policy = { ...POLICY, allowedHosts: [HOST] };
const PUBLIC = '140.82.121.3';

/** A resolver that gives these addresses, in turn one list for each question; the last stays. */
const resolving = (...answers: readonly (readonly string[])[]): Setting => {
  let asked = 0;
  return {
    policy,
    lookup: async () => {
      const answer = answers[Math.min(asked, answers.length - 1)] ?? [];
      asked += 1;
      return answer.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    },
  };
};

const resolved = (title: string, addresses: readonly string[], rule: Attack['rule'] = 'address'): Attack => ({
  title,
  shot: REACHING,
  rule,
  under: () => resolving(addresses),
  control: { under: () => resolving([PUBLIC]) },
});

attacks('allowed names that lead elsewhere', [
  resolved('a name of this machine', ['127.0.0.1']),
  resolved('a name of this machine over IPv6', ['::1']),
  resolved('a name of no address', ['0.0.0.0']),
  resolved('a name in a private network', ['10.0.0.5']),
  resolved('a name in another private network', ['192.168.1.1']),
  resolved('a name in a third private network', ['172.31.255.254']),
  resolved("a name in a provider's network", ['100.64.0.1']),
  resolved('a name in a private network over IPv6', ['fd12:3456::1']),
  resolved('a name on the link', ['169.254.1.1']),
  resolved('a name on the link over IPv6', ['fe80::1']),
  resolved('a name of the metadata service', ['169.254.169.254']),
  resolved('a name of the metadata service over IPv6', ['fd00:ec2::254']),
  resolved('a name of a metadata service at a public address', ['168.63.129.16']),
  resolved('a name of this machine, within an IPv6 address', ['::ffff:127.0.0.1']),
  resolved('a name of the metadata service, behind a NAT64', ['64:ff9b::a9fe:a9fe']),
  resolved('a name of this machine, by 6to4', ['2002:7f00:1::1']),
  resolved('a name of a multicast group', ['224.0.0.1']),
  resolved('a name of everybody', ['255.255.255.255']),
  resolved('a public address before a private one', [PUBLIC, '10.0.0.5']),
  resolved('a private address before a public one', ['10.0.0.5', PUBLIC]),
  resolved('a public address before this machine over IPv6', [PUBLIC, '::1']),
  resolved('a name without an address', [], 'host'),
  resolved('an answer that is no address', ['0x7f.1']),
  {
    title: 'a name that is private when it is asked for again (rebinding)',
    shot: async (scene) => {
      await REACHING(scene);
      await REACHING(scene);
    },
    before: 1,
    rule: 'address',
    under: () => resolving([PUBLIC], ['169.254.169.254']),
    control: { under: () => resolving([PUBLIC]) },
  },
  {
    title: "GitHub's name that leads to this machine",
    shot: asked({ target: '/repos/my-org/my-repo' }),
    rule: 'upstream',
    reason: 'an address of this machine',
    // Nothing is put in GitHub's place: its name is resolved.
    under: () => ({ ...resolving(['127.0.0.1']), upstream: undefined as unknown as string }),
    control: { under: () => resolving([PUBLIC]) },
  },
]);
