/** What a log line in the embedded metric format holds, as PutMetricData takes it: one entry a namespace. */
export interface EmbeddedMetrics {
  readonly Namespace: string;
  readonly MetricData: readonly {
    readonly MetricName: string;
    readonly Dimensions: readonly { readonly Name: string; readonly Value: string }[];
    readonly Timestamp: number;
    readonly Values: readonly number[];
    readonly Unit: string;
  }[];
}

interface Directive {
  readonly Namespace?: unknown;
  readonly Dimensions?: readonly (readonly string[])[];
  readonly Metrics?: readonly { readonly Name: string; readonly Unit?: string }[];
}

const MOST_METRICS = 100;
const MOST_DIMENSIONS = 30;

const valuesOf = (value: unknown): number[] | undefined => {
  const values = Array.isArray(value) ? value : [value];
  const fine = values.length <= 100 && values.every((each) => typeof each === 'number');
  return fine ? values : undefined;
};

const dimensionsOf = (root: Readonly<Record<string, unknown>>, names: readonly string[]) => {
  const dimensions = names.map((Name) => ({ Name, Value: root[Name] }));
  const fine =
    names.length <= MOST_DIMENSIONS &&
    dimensions.every(({ Value }) => typeof Value === 'string' && Value !== '');
  return fine ? (dimensions as { Name: string; Value: string }[]) : undefined;
};

/**
 * The metrics of a log line: none when it is not in the embedded metric format, `undefined` when it is but breaks its
 * rules. The line must be JSON and nothing else.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export const embeddedMetrics = (message: string): EmbeddedMetrics[] | undefined => {
  if (!message.trimStart().startsWith('{') || !message.includes('"_aws"')) return [];
  let root: Record<string, unknown>;
  try {
    root = JSON.parse(message);
  } catch {
    return [];
  }
  const aws = root._aws as { Timestamp?: unknown; CloudWatchMetrics?: Directive[] } | undefined;
  if (aws?.CloudWatchMetrics === undefined) return [];
  const { Timestamp, CloudWatchMetrics } = aws;
  if (typeof Timestamp !== 'number' || !Array.isArray(CloudWatchMetrics)) return undefined;
  const all: EmbeddedMetrics[] = [];
  for (const { Namespace, Dimensions = [], Metrics = [] } of CloudWatchMetrics) {
    if (typeof Namespace !== 'string' || Namespace === '' || Metrics.length > MOST_METRICS) return undefined;
    const sets = Dimensions.map((names) => dimensionsOf(root, names));
    const MetricData = Metrics.flatMap(({ Name, Unit = 'None' }) =>
      // a metric whose value is not there was not measured this time
      root[Name] === undefined
        ? []
        : sets.map((set) => ({
            MetricName: Name,
            Dimensions: set,
            Timestamp: Timestamp / 1000,
            Values: valuesOf(root[Name]),
            Unit,
          })),
    );
    if (MetricData.some((datum) => datum.Dimensions === undefined || datum.Values === undefined))
      return undefined;
    all.push({ Namespace, MetricData: MetricData as EmbeddedMetrics['MetricData'] });
  }
  return all;
};
