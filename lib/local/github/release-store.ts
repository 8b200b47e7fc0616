import type { Table } from '../aws/cloud.ts';

export interface ReleaseAsset {
  readonly id: number;
  readonly name: string;
  readonly label: string;
  readonly contentType: string;
  readonly size: number;
  /** SHA-256 of its content, by which it is stored. */
  readonly oid: string;
  readonly createdAt: number;
}

export interface Release {
  readonly id: number;
  readonly repositoryId: number;
  readonly tag: string;
  /** The branch or commit that the tag is made from when the release is published. */
  readonly target: string;
  readonly name: string;
  readonly body: string;
  readonly draft: boolean;
  readonly prerelease: boolean;
  readonly author: string;
  readonly assets: readonly ReleaseAsset[];
  readonly createdAt: number;
  readonly publishedAt?: number;
}

/** The releases of all repositories. */
export class ReleaseStore {
  readonly #releases: Table<Release>;
  readonly #counters: Table<number>;

  constructor(table: <T>(name: string) => Table<T>) {
    this.#releases = table<Release>('github-releases');
    this.#counters = table<number>('github-release-counters');
  }

  /** An id for a release or an asset, which none had before. */
  nextId(): number {
    const next = (this.#counters.get('id') ?? 80_000_000) + 1;
    this.#counters.set('id', next);
    return next;
  }

  save(release: Release): void {
    this.#releases.set(String(release.id), release);
  }

  delete(release: Release): void {
    this.#releases.delete(String(release.id));
  }

  /** Of a repository, the newest first. */
  list(repositoryId: number): Release[] {
    return this.#releases
      .values()
      .filter((release) => release.repositoryId === repositoryId)
      .sort((a, b) => b.createdAt - a.createdAt || b.id - a.id);
  }

  /** The published release of a tag. */
  byTag(repositoryId: number, tag: string): Release | undefined {
    return this.list(repositoryId).find((release) => release.tag === tag && !release.draft);
  }

  /** The newest that is neither a draft nor a prerelease. */
  latest(repositoryId: number): Release | undefined {
    return this.list(repositoryId).find((release) => !release.draft && !release.prerelease);
  }
}
