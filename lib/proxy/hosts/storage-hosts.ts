const numbered = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}.blob.core.windows.net`);

/**
 * Where github.com's signed URLs lead: release assets, LFS objects, and the logs and artifacts of Actions. Exact names,
 * since `*.blob.core.windows.net` belongs to whoever rents a name there; those of Actions are the ones of `GET /meta`.
 *
 * @see https://docs.github.com/en/actions/concepts/runners/communicating-with-self-hosted-runners
 */
export const DOTCOM_STORAGE: readonly string[] = [
  'objects.githubusercontent.com',
  'objects-origin.githubusercontent.com',
  'release-assets.githubusercontent.com',
  'github-releases.githubusercontent.com',
  'github-production-release-asset-2e65be.s3.amazonaws.com',
  'github-cloud.githubusercontent.com',
  'github-cloud.s3.amazonaws.com',
  'lfs.github.com',
  'pipelines.actions.githubusercontent.com',
  ...numbered('productionresultssa', 20),
];

/**
 * The same for an enterprise on `*.ghe.com`.
 *
 * @see https://docs.github.com/en/enterprise-cloud@latest/admin/data-residency/network-details-for-ghecom
 */
export const DATA_RESIDENCY_STORAGE: readonly string[] = [
  'objects.githubusercontent.com',
  'release-assets.githubusercontent.com',
  'github-cloud.githubusercontent.com',
  ...['prodsdc01', 'prodweu01', 'prodae01', 'prodjpw01'].flatMap((region) =>
    numbered(`${region}resultssa`, 4),
  ),
];
