import type { Members } from '../operations.ts';

const PAGE = 'MaxResults NextToken';

/** What each operation of Parameter Store understands. */
export const SSM_MEMBERS: Members = {
  PutParameter: 'Name Description Value Type KeyId Overwrite AllowedPattern Tags Tier Policies DataType',
  GetParameter: 'Name WithDecryption',
  GetParameters: 'Names WithDecryption',
  GetParametersByPath: `Path Recursive ParameterFilters WithDecryption ${PAGE}`,
  GetParameterHistory: `Name WithDecryption ${PAGE}`,
  DescribeParameters: `ParameterFilters ${PAGE}`,
  DeleteParameter: 'Name',
  DeleteParameters: 'Names',
  AddTagsToResource: 'ResourceType ResourceId Tags',
  RemoveTagsFromResource: 'ResourceType ResourceId TagKeys',
  ListTagsForResource: 'ResourceType ResourceId',
};
