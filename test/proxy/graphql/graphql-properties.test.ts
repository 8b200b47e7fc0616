import { expect, test } from 'vitest';
import { graphqlNeverThrows, graphqlStaysInItsRepos, letThrough } from './graphql.property.ts';

test(graphqlStaysInItsRepos.title, () => {
  graphqlStaysInItsRepos.run(3000);
  expect(letThrough.count).toBeGreaterThan(50);
});

test(graphqlNeverThrows.title, () => {
  graphqlNeverThrows.run(500);
});
