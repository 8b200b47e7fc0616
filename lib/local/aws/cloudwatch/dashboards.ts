import { AwsError, type Call, type Cloud, type Table } from '../cloud.ts';
import { list, type Operation, optionalText, pageOf, text } from '../operations.ts';

interface DashboardRecord {
  readonly name: string;
  readonly body: string;
  readonly modified: number;
}

const PAGE = 1000;

const checkBody = (body: string): void => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    parsed = undefined;
  }
  const { widgets } = (parsed ?? {}) as { widgets?: unknown };
  if (Array.isArray(widgets) && widgets.every((widget) => typeof widget?.type === 'string')) return;
  throw new AwsError(
    'InvalidParameterInput',
    'The dashboard body is invalid: it must hold widgets with types',
  );
};

/** PutDashboard, GetDashboard, ListDashboards and DeleteDashboards: kept and given back, drawn by nobody. */
export const dashboardOperations = (cloud: Cloud): Record<string, Operation> => {
  const dashboards: Table<DashboardRecord> = cloud.table('cloudwatch-dashboards');
  const arnOf = (name: string): string => `arn:aws:cloudwatch::${cloud.accountId}:dashboard/${name}`;
  const authorize = (call: Call, name: string): string => {
    cloud.authorize(call, { action: `cloudwatch:${call.operation}`, resource: arnOf(name) });
    return name;
  };
  const missing = (name: string): AwsError =>
    new AwsError('ResourceNotFound', `Dashboard ${name} does not exist`, 404);

  return {
    PutDashboard(call) {
      const name = authorize(call, text(call, 'DashboardName', { max: 255, pattern: /^[\w-]+$/ }));
      const body = text(call, 'DashboardBody');
      checkBody(body);
      dashboards.set(name, { name, body, modified: cloud.clock.now() });
      return { DashboardValidationMessages: [] };
    },
    GetDashboard(call) {
      const name = authorize(call, text(call, 'DashboardName'));
      const found = dashboards.get(name);
      if (found === undefined) throw missing(name);
      return { DashboardName: name, DashboardArn: arnOf(name), DashboardBody: found.body };
    },
    ListDashboards(call) {
      authorize(call, '*');
      const prefix = optionalText(call, 'DashboardNamePrefix') ?? '';
      const wanted = dashboards.values().filter(({ name }) => name.startsWith(prefix));
      const { items, next } = pageOf(wanted, optionalText(call, 'NextToken'), PAGE);
      const DashboardEntries = items.map(({ name, body, modified }) => ({
        DashboardName: name,
        DashboardArn: arnOf(name),
        LastModified: new Date(modified),
        Size: Buffer.byteLength(body),
      }));
      return { DashboardEntries, ...(next === undefined ? {} : { NextToken: next }) };
    },
    DeleteDashboards(call) {
      const names = list<string>(call, 'DashboardNames');
      for (const name of names) authorize(call, name);
      const gone = names.find((name) => !dashboards.has(name));
      if (gone !== undefined) throw missing(gone);
      for (const name of names) dashboards.delete(name);
      return {};
    },
  };
};
