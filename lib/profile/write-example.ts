/** How each thing is written, for whoever left it out or wrote something else there. */
const EXAMPLES: Readonly<Record<string, string>> = {
  '': 'spec: { sourceAccess: { github: { allowedRepos: [my-user/my-repo] } } }',
  metadata: 'metadata: { name: my-profile }',
  'metadata.name': 'name: my-profile',
  'metadata.prefix': 'prefix: gh',
  'metadata.labels': 'labels: { team: platform }',
  spec: 'spec: { sourceAccess: { github: { allowedRepos: [my-user/my-repo] } } }',
  'spec.lifecycle': 'lifecycle: { ttl: 2h }',
  'spec.lifecycle.ttl': 'ttl: 2h',
  'spec.runtime': 'runtime: { substrate: docker }',
  'spec.encryption': 'encryption: shared',
  'spec.network': 'network: { egress: { allowedHosts: [registry.example.com] } }',
  'spec.network.egress': 'egress: { allowedHosts: [registry.example.com] }',
  'spec.network.egress.allowedHosts': 'allowedHosts: [registry.example.com]',
  'spec.sourceAccess': 'sourceAccess: { github: { allowedRepos: [my-user/my-repo] } }',
  'spec.sourceAccess.github': 'github: { allowedRepos: [my-user/my-repo] }',
  'spec.sourceAccess.github.allowedRepos': 'allowedRepos: [my-user/my-repo]',
  'spec.sourceAccess.github.allowedRefs': 'allowedRefs: [main, "release/*"]',
  'spec.sourceAccess.github.permissions': 'permissions: [clone, fetch, push]',
  'spec.sourceAccess.github.allowForcePushes': 'allowForcePushes: false',
  'spec.sourceAccess.github.allowDeletions': 'allowDeletions: false',
  'spec.sourceAccess.github.graphql': 'graphql: read',
};

/** `VERB EXAMPLE`: how the thing at a path is written, for a fix. */
export const writeExample = (verb: string, path: readonly PropertyKey[]): string => {
  const example = EXAMPLES[path.filter((key) => typeof key !== 'number').join('.')];
  return example ? `${verb} ${example}` : 'See examples/every-key.yaml.';
};
