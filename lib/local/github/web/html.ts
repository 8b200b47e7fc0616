/** Text that is HTML already. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = string | number | Html | readonly Html[] | undefined | false;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const textOf = (part: Part): string => {
  if (part === undefined || part === false) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'object') return part.map(textOf).join('');
  return String(part).replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
};

/** A template whose values are escaped, unless they are HTML themselves. */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Html =>
  new Html(strings.map((text, index) => text + textOf(parts[index])).join(''));

const STYLE = new Html(`
:root { color-scheme: light dark; --line: #d1d9e0; --soft: #f6f8fa; --muted: #59636e; --go: #1a7f37; --bad: #cf222e; --link: #0969da; }
@media (prefers-color-scheme: dark) { :root { --line: #3d444d; --soft: #151b23; --muted: #9198a1; --go: #238636; --bad: #f85149; --link: #4493f8; } }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; background: Canvas; color: CanvasText; }
header { padding: .75rem 1.5rem; background: var(--soft); border-bottom: 1px solid var(--line); display: flex; justify-content: space-between; }
main { max-width: 40rem; margin: 2rem auto; padding: 0 1.5rem; }
h1 { font-size: 1.5rem; }
h2 { font-size: 1.15rem; }
label, legend { font-weight: 600; }
fieldset, .box { border: 1px solid var(--line); border-radius: .4rem; padding: 1rem; margin: 1rem 0; }
fieldset label { font-weight: 400; display: block; }
input[type=text], textarea { font: inherit; width: 100%; box-sizing: border-box; padding: .4rem .6rem; margin: .25rem 0; border: 1px solid var(--line); border-radius: .4rem; background: Canvas; color: inherit; }
button { font: inherit; font-weight: 600; padding: .45rem 1rem; border: 0; border-radius: .4rem; background: var(--go); color: #fff; cursor: pointer; }
button.danger { background: #cf222e; }
@media (prefers-color-scheme: dark) { button.danger { background: #b62324; } }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
a { color: var(--link); }
.error { color: var(--bad); font-weight: 600; }
.muted { color: var(--muted); }
`);

/** A whole page. `user`: who is signed in, or nobody. */
export const page = (options: {
  title: string;
  user: string | undefined;
  body: Html;
}): Html => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${options.title} · local GitHub</title>
<style>${STYLE}</style>
</head>
<body>
<header><strong>Local GitHub</strong><span>${options.user === undefined ? 'Signed out' : `Signed in as ${options.user}`}</span></header>
<main>
<h1>${options.title}</h1>
${options.body}
</main>
</body>
</html>
`;
