/** What the real code reads of a response. Making one of undici's would take longer than all of the broker. */
export interface Answer {
  readonly status: number;
  readonly headers: {
    readonly get: (name: string) => string | null;
    readonly has: (name: string) => boolean;
  };
  readonly text: () => Promise<string>;
  readonly arrayBuffer: () => Promise<ArrayBuffer>;
  readonly ok: boolean;
}

export type HeaderFields = Readonly<Record<string, string | undefined>>;

/** An answer of GitHub's, with its header fields in lower case. */
export const answer = (status: number, body: string, fields: HeaderFields): Answer => ({
  status,
  ok: status < 300,
  headers: { get: (name) => fields[name] ?? null, has: (name) => fields[name] !== undefined },
  text: () => Promise.resolve(body),
  arrayBuffer: () => Promise.resolve(new ArrayBuffer(0)),
});

export interface Jwt {
  readonly iat: number;
  readonly exp: number;
  /** The number of the key that it is signed with, which is what the model's signatures say. */
  readonly key: number;
}

/** Reads a JWT, without proving it. */
export const readJwt = (text: string): Jwt => {
  const [, claims = '', signature = ''] = text.split('.');
  const { iat, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Jwt;
  return { iat, exp, key: Buffer.from(signature, 'base64url')[0] ?? 0 };
};
