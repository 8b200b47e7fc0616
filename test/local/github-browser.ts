/** What a test does with a page of the local GitHub, as a browser without scripts would. */
export interface Page {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Where the answer leads to, if anywhere. */
  readonly location: string | undefined;
  readonly title: string;
}

const pageOf = async (response: Response): Promise<Page> => {
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    location: response.headers.get('location') ?? undefined,
    title: /<h1>(.*?)<\/h1>/s.exec(text)?.[1] ?? '',
  };
};

export const open = async (url: string): Promise<Page> => pageOf(await fetch(url, { redirect: 'manual' }));

export const post = async (url: string, fields: Readonly<Record<string, string>>): Promise<Page> =>
  pageOf(await fetch(url, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' }));

const plain = (text: string): string =>
  text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');

const attributesOf = (tag: string): Record<string, string> =>
  Object.fromEntries(
    [...tag.matchAll(/([\w-]+)(?:="([^"]*)")?/g)].map(([, name = '', value = '']) => [name, plain(value)]),
  );

/** The form of a page that its button of that name submits: where it goes, and its fields as they stand. */
export const formOf = (page: Page, button: string): { action: string; fields: Record<string, string> } => {
  const form = [...page.text.matchAll(/<form ([^>]*)>(.*?)<\/form>/gs)].find(([, , inner = '']) =>
    new RegExp(`<button[^>]*>${button}</button>`).test(inner),
  );
  if (!form) throw new Error(`'${page.title}' has no button '${button}'`);
  const [, head = '', inner = ''] = form;
  const inputs = [...inner.matchAll(/<input ([^>]*)>/g)].map(([, tag = '']) => attributesOf(tag));
  const chosen = inputs.filter(
    ({ type, ...rest }) => !/^(radio|checkbox)$/.test(type ?? '') || 'checked' in rest,
  );
  return {
    action: attributesOf(head).action ?? '',
    fields: Object.fromEntries(chosen.map(({ name = '', value = '' }) => [name, value])),
  };
};

/** Presses a button, with some fields filled in otherwise. */
export const press = (
  base: string,
  page: Page,
  button: string,
  fields: Readonly<Record<string, string>> = {},
): Promise<Page> => {
  const form = formOf(page, button);
  return post(new URL(form.action, base).href, { ...form.fields, ...fields });
};
