/** Of all that is held in memory at once to be looked into: more would be one client's way to end the proxy for all. */
const MOST_HELD = 128 * 1024 * 1024;

/** What bodies hold in memory before they are decided, over all requests. */
export interface HeldBytes {
  /** Counts bytes as held. False: they are more than may be held, and are not counted. */
  take(bytes: number): boolean;
  give(bytes: number): void;
}

/** A budget of its own, in bytes. */
export const createHeldBytes = (most: number): HeldBytes => {
  let held = 0;
  return {
    take: (bytes) => {
      if (held + bytes > most) return false;
      held += bytes;
      return true;
    },
    give: (bytes) => {
      held -= bytes;
    },
  };
};

/** That of this process. */
export const heldBytes: HeldBytes = createHeldBytes(MOST_HELD);
