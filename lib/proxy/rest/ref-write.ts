/** A REST route that moves a ref, with what its path names. The body says the rest. */
export type RefWrite =
  /** `POST /repos/{o}/{r}/git/refs`: `ref`, `sha`. */
  | { readonly kind: 'create-ref' }
  /** `PATCH …/git/refs/{ref}`: `sha`, `force`. `ref` is the full name. */
  | { readonly kind: 'update-ref'; readonly ref: string }
  /** `DELETE …/git/refs/{ref}`. */
  | { readonly kind: 'delete-ref'; readonly ref: string }
  /** `POST …/merges`: `base`. */
  | { readonly kind: 'merge' }
  /** `POST …/merge-upstream`: `branch`. */
  | { readonly kind: 'merge-upstream' }
  /** `PUT` and `DELETE …/contents/{path}`: `branch`, or the default branch. */
  | { readonly kind: 'contents' }
  /** `POST …/branches/{branch}/rename`: `new_name`. */
  | { readonly kind: 'rename-branch'; readonly branch: string }
  /** `PUT …/pulls/{number}/merge`: moves the base. */
  | { readonly kind: 'merge-pull'; readonly number: number }
  /** `PUT …/pulls/{number}/update-branch`: moves the head. */
  | { readonly kind: 'update-pull-branch'; readonly number: number }
  /** `POST …/pulls`: `base`, `head`, `head_repo`; `PATCH …/pulls/{number}`: `base`. Moves nothing now, but decides what a merge will move. */
  | { readonly kind: 'write-pull' }
  /** `POST …/releases`, `PATCH …/releases/{id}`: `tag_name`, or the tag that it has, is made when it does not exist. */
  | { readonly kind: 'write-release'; readonly id?: number }
  /** `POST …/dispatches`: runs workflows of the default branch. */
  | { readonly kind: 'repository-dispatch' }
  /** `POST …/actions/workflows/{id}/dispatches`: `ref`. */
  | { readonly kind: 'workflow-dispatch' };
