/** A URL of a storage host that GitHub handed out for one object: good for one method, and for a short time. */
export interface SignedUrl {
  /** `GET` stands for `HEAD` as well. */
  readonly method: 'GET' | 'PUT' | 'POST';
  /** Absolute, in the spelling of the WHATWG URL standard. */
  readonly url: string;
  /** What GitHub wants on the request. The client never sees them: the proxy puts them on. Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number;
}
