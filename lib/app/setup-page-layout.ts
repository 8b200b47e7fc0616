/** Text that is HTML already, and is not escaped again. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Content = string | Html | readonly Html[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escaped = (content: Content): string => {
  if (content instanceof Html) return content.text;
  if (typeof content !== 'string') return content.map(({ text }) => text).join('');
  return content.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
};

/** HTML with everything put into it escaped, for element text and quoted attributes. */
export const html = (parts: TemplateStringsArray, ...values: readonly Content[]): Html =>
  new Html(
    parts
      .map((part, index) => `${part}${index < values.length ? escaped(values[index] ?? '') : ''}`)
      .join(''),
  );

/** The colours are checked for contrast (WCAG 2.2 AA) in both schemes by the tests. */
export const COLOURS = {
  light: {
    page: '#f4f6f8',
    card: '#ffffff',
    text: '#1b2430',
    soft: '#4a5868',
    line: '#d3dae2',
    accent: '#0b57c4',
    button: '#156b34',
    label: '#ffffff',
    warn: '#9a2b1f',
  },
  dark: {
    page: '#0e1319',
    card: '#18202a',
    text: '#e8eef5',
    soft: '#aab7c5',
    line: '#33404e',
    accent: '#82b6ff',
    button: '#45c072',
    label: '#06210f',
    warn: '#ff9d8f',
  },
} as const;

const variables = (colours: Readonly<Record<string, string>>): string =>
  Object.entries(colours)
    .map(([name, value]) => `--${name}:${value}`)
    .join(';');

const STYLE = `
:root{color-scheme:light dark;${variables(COLOURS.light)}}
@media (prefers-color-scheme:dark){:root{${variables(COLOURS.dark)}}}
*{box-sizing:border-box}
body{margin:0;padding:3rem 1rem;background:var(--page);color:var(--text);font:1rem/1.6 system-ui,sans-serif}
main{max-width:44rem;margin:0 auto;padding:2.25rem 2.5rem;background:var(--card);border:1px solid var(--line);border-radius:14px}
svg{flex:none}
header{display:flex;align-items:center;gap:.9rem;margin-bottom:1.2rem}
h1{font-size:1.65rem;line-height:1.25;margin:0}
h2{font-size:1.05rem;margin:2rem 0 .4rem}
p,ul{margin:.6rem 0}
ul{padding-left:1.25rem}
li{margin:.35rem 0}
.soft{color:var(--soft)}
.warn{color:var(--warn)}
code,.name{font-family:ui-monospace,monospace;font-size:.95em;overflow-wrap:anywhere}
.name{font-weight:600}
table{width:100%;border-collapse:collapse;margin:.8rem 0}
caption{text-align:left;font-weight:600;padding-bottom:.4rem}
th,td{text-align:left;vertical-align:top;padding:.5rem .9rem .5rem 0;border-top:1px solid var(--line)}
th{font-weight:600}
td{overflow-wrap:anywhere}
a{color:var(--accent)}
button,.button{display:inline-block;font:inherit;font-weight:600;padding:.75rem 1.5rem;margin:.8rem 0 .2rem;border:0;border-radius:9px;background:var(--button);color:var(--label);text-decoration:none;cursor:pointer}
button:hover,.button:hover{filter:brightness(1.08)}
:focus-visible{outline:3px solid var(--accent);outline-offset:3px;border-radius:4px}
footer{max-width:44rem;margin:1rem auto 0;color:var(--soft);font-size:.875rem;text-align:center}
@media (max-width:34rem){main{padding:1.5rem 1.25rem}body{padding:1rem .5rem}}
`;

const MARK = html`<svg aria-hidden="true" width="44" height="44" viewBox="0 0 44 44"><rect width="44" height="44" rx="11" fill="var(--button)"/><path d="M15 12v20M15 24l9-8M19 21l6 11M30 14v7m0 0a4 4 0 1 0 .01 0z" fill="none" stroke="var(--label)" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/></svg>`;

export interface DocumentOptions {
  readonly title: string;
  readonly body: Html;
  /** What the response's Content-Security-Policy lets its style through by. */
  readonly nonce: string;
}

/** A whole page: no script, nothing from outside, light and dark as the browser wants it. */
export const htmlDocument = ({ title, body, nonce }: DocumentOptions): string =>
  `<!doctype html>\n${
    html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · km</title>
<link rel="icon" href="data:,">
<style nonce="${nonce}">${new Html(STYLE)}</style>
</head>
<body>
<main>
<header>${MARK}<h1>${title}</h1></header>
${body}
</main>
<footer>km shows this page on this machine only, and closes it when it ends.</footer>
</body>
</html>
`.text
  }`;
