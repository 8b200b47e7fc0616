export interface Line {
  readonly name: string;
  readonly color: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface ChartOptions {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly lines: readonly Line[];
  /** Both axes by powers of ten; default false: both from 0. */
  readonly logarithmic?: boolean;
}

const WIDTH = 760;
const HEIGHT = 400;
const LEFT = 80;
const RIGHT = 30;
const TOP = 50;
const BOTTOM = 90;

interface Axis {
  readonly at: (value: number) => number;
  readonly marks: readonly number[];
}

const steps = (most: number): readonly number[] => {
  const power = 10 ** Math.floor(Math.log10(most || 1));
  const step = [0.2, 0.5, 1, 2].map((part) => part * power).find((size) => most / size <= 8) ?? power;
  return Array.from({ length: Math.floor(most / step + 1e-9) + 1 }, (_, index) => index * step);
};

const axis = (
  values: readonly number[],
  [from, to]: readonly [number, number],
  logarithmic: boolean,
): Axis => {
  if (!logarithmic) {
    const most = Math.max(...values, 1);
    return { at: (value) => from + ((to - from) * value) / most, marks: steps(most) };
  }
  const positive = values.filter((value) => value > 0);
  const least = Math.floor(Math.log10(Math.min(...positive)));
  const most = Math.max(least + 1, Math.ceil(Math.log10(Math.max(...positive)) - 1e-9));
  return {
    at: (value) => from + ((to - from) * (Math.log10(value) - least)) / (most - least),
    marks: Array.from({ length: most - least + 1 }, (_, index) => 10 ** (least + index)),
  };
};

const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
const place = (value: number): string => value.toFixed(1);
const shown = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 3 });

/** A line chart as SVG, on a ground of its own, so that it can be read on light and dark pages. */
export const chart = ({ title, x, y, lines, logarithmic = false }: ChartOptions): string => {
  const points = lines.flatMap((line) => line.points);
  const across = axis(
    points.map(([value]) => value),
    [LEFT, WIDTH - RIGHT],
    logarithmic,
  );
  const up = axis(
    points.map(([, value]) => value),
    [HEIGHT - BOTTOM, TOP],
    logarithmic,
  );
  const grid = [
    ...across.marks.flatMap((mark) => [
      `<line x1="${place(across.at(mark))}" y1="${TOP}" x2="${place(across.at(mark))}" y2="${HEIGHT - BOTTOM}" stroke="#ddd"/>`,
      `<text x="${place(across.at(mark))}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${shown(mark)}</text>`,
    ]),
    ...up.marks.flatMap((mark) => [
      `<line x1="${LEFT}" y1="${place(up.at(mark))}" x2="${WIDTH - RIGHT}" y2="${place(up.at(mark))}" stroke="#ddd"/>`,
      `<text x="${LEFT - 8}" y="${place(up.at(mark) + 4)}" text-anchor="end">${shown(mark)}</text>`,
    ]),
  ];
  const drawn = lines.map(({ color, points: own }) => {
    const path = own.map(([one, other]) => `${place(across.at(one))},${place(up.at(other))}`);
    const dots = path.map((point) => {
      const [cx, cy] = point.split(',');
      return `<circle cx="${cx}" cy="${cy}" r="3" fill="${color}"/>`;
    });
    return `<polyline points="${path.join(' ')}" fill="none" stroke="${color}" stroke-width="2"/>${dots.join('')}`;
  });
  const width = (WIDTH - LEFT - RIGHT) / lines.length;
  const legend = lines.map(
    ({ name, color }, index) =>
      `<rect x="${place(LEFT + index * width)}" y="${HEIGHT - 22}" width="12" height="12" fill="${color}"/><text x="${place(LEFT + index * width + 18)}" y="${HEIGHT - 12}">${escaped(name)}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui, sans-serif" font-size="12" fill="#222" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<text x="${LEFT}" y="28" font-size="15" font-weight="600">${escaped(title)}</text>`,
    ...grid,
    ...drawn,
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - BOTTOM + 42}" text-anchor="middle">${escaped(x)}</text>`,
    `<text transform="translate(20 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle">${escaped(y)}</text>`,
    ...legend,
    '</svg>',
    '',
  ].join('\n');
};
