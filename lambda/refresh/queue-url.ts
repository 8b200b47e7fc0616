/** A queue's address by its ARN, so that nothing has to be asked or configured for it. */
export const queueUrl = (arn: string): string => {
  const [, partition, , region, account, name] = arn.split(':');
  return `https://sqs.${region}.amazonaws.com${partition === 'aws-cn' ? '.cn' : ''}/${account}/${name}`;
};
