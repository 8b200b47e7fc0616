import type { RestRoute } from '../cloud.ts';

const FUNCTION = '/2015-03-31/functions/{FunctionName}';
const INVOKE_CONFIG = '/2019-09-25/functions/{FunctionName}/event-invoke-config';
const MAPPING = '/2015-03-31/event-source-mappings';
const TAGS = '/2017-03-31/tags/{Resource}';

/** https://docs.aws.amazon.com/lambda/latest/api/API_Operations.html */
export const LAMBDA_ROUTES: readonly RestRoute[] = [
  { operation: 'CreateFunction', method: 'POST', path: '/2015-03-31/functions', status: 201 },
  { operation: 'ListFunctions', method: 'GET', path: '/2015-03-31/functions' },
  { operation: 'GetFunction', method: 'GET', path: FUNCTION },
  { operation: 'DeleteFunction', method: 'DELETE', path: FUNCTION, status: 204 },
  { operation: 'GetFunctionConfiguration', method: 'GET', path: `${FUNCTION}/configuration` },
  { operation: 'UpdateFunctionConfiguration', method: 'PUT', path: `${FUNCTION}/configuration` },
  { operation: 'UpdateFunctionCode', method: 'PUT', path: `${FUNCTION}/code` },
  {
    operation: 'Invoke',
    method: 'POST',
    path: `${FUNCTION}/invocations`,
    headers: { 'x-amz-invocation-type': 'InvocationType', 'x-amz-log-type': 'LogType' },
    payload: 'Payload',
    answer: {
      status: 'StatusCode',
      headers: {
        FunctionError: 'x-amz-function-error',
        LogResult: 'x-amz-log-result',
        ExecutedVersion: 'x-amz-executed-version',
      },
      payload: 'Payload',
    },
  },
  { operation: 'AddPermission', method: 'POST', path: `${FUNCTION}/policy`, status: 201 },
  { operation: 'GetPolicy', method: 'GET', path: `${FUNCTION}/policy` },
  { operation: 'RemovePermission', method: 'DELETE', path: `${FUNCTION}/policy/{StatementId}`, status: 204 },
  { operation: 'PutFunctionEventInvokeConfig', method: 'PUT', path: INVOKE_CONFIG },
  { operation: 'GetFunctionEventInvokeConfig', method: 'GET', path: INVOKE_CONFIG },
  { operation: 'DeleteFunctionEventInvokeConfig', method: 'DELETE', path: INVOKE_CONFIG, status: 204 },
  { operation: 'CreateEventSourceMapping', method: 'POST', path: MAPPING, status: 202 },
  { operation: 'ListEventSourceMappings', method: 'GET', path: MAPPING },
  { operation: 'GetEventSourceMapping', method: 'GET', path: `${MAPPING}/{UUID}` },
  { operation: 'UpdateEventSourceMapping', method: 'PUT', path: `${MAPPING}/{UUID}`, status: 202 },
  { operation: 'DeleteEventSourceMapping', method: 'DELETE', path: `${MAPPING}/{UUID}`, status: 202 },
  { operation: 'ListTags', method: 'GET', path: TAGS },
  { operation: 'TagResource', method: 'POST', path: TAGS, status: 204 },
  {
    operation: 'UntagResource',
    method: 'DELETE',
    path: TAGS,
    status: 204,
    query: { tagKeys: 'TagKeys' },
    lists: ['TagKeys'],
  },
];
