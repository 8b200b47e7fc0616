/** Turns `Tags.member.1.Key=a` pairs into nested objects and lists, as the AWS query protocol writes them. */
export const decodeQuery = (pairs: URLSearchParams): Record<string, unknown> => {
  const root: Tree = new Map();
  for (const [name, value] of pairs) {
    if (name === 'Action' || name === 'Version' || name.startsWith('X-Amz-')) continue;
    let node = root;
    const parts = name.split('.');
    const leaf = parts.pop() ?? '';
    for (const part of parts) {
      const next = node.get(part);
      if (next instanceof Map) node = next;
      else {
        const made: Tree = new Map();
        node.set(part, made);
        node = made;
      }
    }
    node.set(leaf, value);
  }
  return Object.fromEntries([...root].map(([name, node]) => [name, settle(node)]));
};

type Tree = Map<string, Tree | string>;

const settle = (node: Tree | string): unknown => {
  if (typeof node === 'string') return node;
  const members = node.get('member');
  if (node.size === 1 && members instanceof Map) return inOrder(members).map(settle);
  const keys = [...node.keys()];
  if (keys.length > 0 && keys.every((key) => /^\d+$/.test(key))) return inOrder(node).map(settle);
  return Object.fromEntries([...node].map(([name, child]) => [name, settle(child)]));
};

const inOrder = (members: Tree): (Tree | string)[] =>
  [...members].sort(([a], [b]) => Number(a) - Number(b)).map(([, node]) => node);

const escapeXml = (text: string): string =>
  text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/\r/g, '&#xD;');

const element = (name: string, value: unknown): string => {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value))
    return `<${name}>${value.map((item) => element('member', item)).join('')}</${name}>`;
  if (value instanceof Map) {
    const entries = [...value].map(([key, each]) => element('entry', { key, value: each }));
    return `<${name}>${entries.join('')}</${name}>`;
  }
  if (value instanceof Date) return `<${name}>${value.toISOString()}</${name}>`;
  if (typeof value === 'object') return `<${name}>${members(value)}</${name}>`;
  return `<${name}>${escapeXml(String(value))}</${name}>`;
};

const members = (value: object): string =>
  Object.entries(value)
    .map(([name, member]) => element(name, member))
    .join('');

/** The XML answer of a query operation. */
export const encodeQuery = (
  operation: string,
  namespace: string,
  answer: object,
  requestId: string,
): string =>
  `<${operation}Response xmlns="${namespace}"><${operation}Result>${members(answer)}</${operation}Result>` +
  `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${operation}Response>`;

/** The XML error of a query operation. */
export const encodeQueryError = (
  error: { code: string; message: string; status: number },
  namespace: string,
  requestId: string,
): string =>
  `<ErrorResponse xmlns="${namespace}"><Error><Type>${error.status < 500 ? 'Sender' : 'Receiver'}</Type>` +
  `<Code>${escapeXml(error.code)}</Code><Message>${escapeXml(error.message)}</Message></Error>` +
  `<RequestId>${requestId}</RequestId></ErrorResponse>`;
