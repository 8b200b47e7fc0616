/** Fills the scripts' own list of git settings in for one place and host, as key and value in their order. */
export function gitSettings(
  template: string,
  values: { readonly dir: string; readonly git: string },
): readonly (readonly [key: string, value: string])[] {
  const host = new URL(values.git).host;
  return template.split('\n').flatMap((line) => {
    if (line === '' || line.startsWith('#')) return [];
    const filled = line
      .replaceAll('@DIR@', values.dir)
      .replaceAll('@GIT@', values.git)
      .replaceAll('@HOST@', host);
    const space = filled.indexOf(' ');
    return [
      space < 0 ? ([filled, ''] as const) : ([filled.slice(0, space), filled.slice(space + 1)] as const),
    ];
  });
}
