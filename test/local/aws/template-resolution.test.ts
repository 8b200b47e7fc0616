import { describe, expect, test } from 'vitest';
import { dependencyGraph } from '../../../lib/local/aws/cloudformation/dependencies.ts';
import { resolve, type Scope } from '../../../lib/local/aws/cloudformation/intrinsics.ts';
import {
  checkRules,
  parameterRefs,
  parameterValues,
} from '../../../lib/local/aws/cloudformation/parameters.ts';
import { parseTemplate } from '../../../lib/local/aws/cloudformation/template.ts';

const RESOURCES = { Thing: { Type: 'AWS::Logs::LogGroup' } };

const scopeOf = (sections: object, given: Record<string, string> = {}): Scope => {
  const template = parseTemplate(JSON.stringify({ Resources: RESOURCES, ...sections }));
  const parameters = Object.entries(given).map(([ParameterKey, ParameterValue]) => ({
    ParameterKey,
    ParameterValue,
  }));
  const values = parameterValues(template, parameters);
  return {
    template,
    values: { ...parameterRefs(template, values), 'AWS::Region': 'us-east-1', 'AWS::StackName': 'stack' },
    resource: (id) =>
      id === 'Thing'
        ? {
            type: 'AWS::Logs::LogGroup',
            ref: 'thing-1',
            attributes: { Arn: 'arn:thing', 'Deep.Name': 'deep' },
          }
        : undefined,
  };
};

const sections = {
  Parameters: {
    Name: { Type: 'String', Default: 'sb-1' },
    Empty: { Type: 'String', Default: '' },
    List: { Type: 'CommaDelimitedList', Default: 'a, b,c' },
    Nothing: { Type: 'CommaDelimitedList', Default: '' },
  },
  Mappings: { Map: { 'us-east-1': { Key: 'mapped' } } },
  Conditions: {
    HasName: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'Name' }, ''] }] },
    HasEmpty: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'Empty' }, ''] }] },
    Both: { 'Fn::And': [{ Condition: 'HasName' }, { Condition: 'HasEmpty' }] },
    Either: { 'Fn::Or': [{ Condition: 'HasName' }, { Condition: 'HasEmpty' }] },
  },
};

describe('resolve', () => {
  test.each<[string, unknown, unknown]>([
    ['a parameter', { Ref: 'Name' }, 'sb-1'],
    ['a list parameter', { Ref: 'List' }, ['a', 'b', 'c']],
    ['an empty list parameter', { Ref: 'Nothing' }, []],
    ['a pseudo parameter', { Ref: 'AWS::Region' }, 'us-east-1'],
    ['a resource', { Ref: 'Thing' }, 'thing-1'],
    ['an attribute', { 'Fn::GetAtt': ['Thing', 'Arn'] }, 'arn:thing'],
    ['an attribute with a dot', { 'Fn::GetAtt': 'Thing.Deep.Name' }, 'deep'],
    [
      'joined parts',
      { 'Fn::Join': ['-', ['x', { Ref: 'Name' }, { Ref: 'AWS::StackName' }]] },
      'x-sb-1-stack',
    ],
    ['a joined list', { 'Fn::Join': ['/', { Ref: 'List' }] }, 'a/b/c'],
    ['a text with names', { 'Fn::Sub': `\${Name}/\${Thing.Arn}/\${!Literal}` }, `sb-1/arn:thing/\${Literal}`],
    [
      'a text with names of its own',
      { 'Fn::Sub': [`\${A}-\${Name}`, { A: { Ref: 'AWS::Region' } }] },
      'us-east-1-sb-1',
    ],
    ['a selected item', { 'Fn::Select': [1, { 'Fn::Split': [',', 'p,q'] }] }, 'q'],
    ['a mapped value', { 'Fn::FindInMap': ['Map', { Ref: 'AWS::Region' }, 'Key'] }, 'mapped'],
    ['a choice', { 'Fn::If': ['HasName', 'yes', 'no'] }, 'yes'],
    ['the other choice', { 'Fn::If': ['HasEmpty', 'yes', 'no'] }, 'no'],
    ['all conditions', { 'Fn::If': ['Both', 'yes', 'no'] }, 'no'],
    ['any condition', { 'Fn::If': ['Either', 'yes', 'no'] }, 'yes'],
    ['a property without a value', { A: { Ref: 'AWS::NoValue' }, B: 1 }, { B: 1 }],
    ['an item without a value', ['x', { 'Fn::If': ['HasEmpty', 'y', { Ref: 'AWS::NoValue' }] }], ['x']],
    [
      'what is no function',
      { Condition: { StringEquals: { 'aws:x': { Ref: 'Name' } } } },
      { Condition: { StringEquals: { 'aws:x': 'sb-1' } } },
    ],
    ['a lone Condition key, as data', { Condition: 'HasName' }, { Condition: 'HasName' }],
  ])('%s', (_, value, resolved) => {
    expect(resolve(value, scopeOf(sections))).toEqual(resolved);
  });

  test.each<[string, unknown, string]>([
    [
      'an attribute that is not there',
      { 'Fn::GetAtt': ['Thing', 'Colour'] },
      'Requested attribute Colour does not exist in schema for AWS::Logs::LogGroup',
    ],
    ['a name that is not there', { Ref: 'Nobody' }, 'Unresolved resource dependency [Nobody]'],
    ['a list in a text', { 'Fn::Sub': `\${List}` }, 'Fn::Sub List does not resolve to a string'],
    ['a missing item', { 'Fn::Select': [7, ['x']] }, 'cannot select nonexistent value'],
    ['a missing condition', { 'Fn::If': ['Nope', 1, 2] }, 'Unresolved condition dependency Nope'],
  ])('refuses %s', (_, value, message) => {
    expect(() => resolve(value, scopeOf(sections))).toThrow(message);
  });
});

describe('parameterValues', () => {
  const template = (parameter: object) =>
    parseTemplate(JSON.stringify({ Resources: RESOURCES, Parameters: { P: parameter } }));
  const values = (parameter: object, ParameterValue?: string) =>
    parameterValues(
      template(parameter),
      ParameterValue === undefined ? [] : [{ ParameterKey: 'P', ParameterValue }],
    );

  test.each<[string, object, string | undefined, string]>([
    ['what is given', { Type: 'String' }, 'x', 'x'],
    ['the default', { Type: 'String', Default: 'd' }, undefined, 'd'],
    ['a number', { Type: 'Number', MinValue: 1, MaxValue: 9 }, '7', '7'],
    ['what the whole pattern matches', { Type: 'String', AllowedPattern: 'a|b+' }, 'bb', 'bb'],
  ])('takes %s', (_, parameter, given, value) => {
    expect(values(parameter, given)).toEqual({ P: value });
  });

  test.each<[string, object, string | undefined, string]>([
    ['a missing value', { Type: 'String' }, undefined, 'Parameters: [P] must have values'],
    [
      'a value off the list',
      { Type: 'String', AllowedValues: ['a', 'b'] },
      'c',
      "Parameter 'P' must be one of AllowedValues [a, b]",
    ],
    [
      'a value that the pattern matches in part only',
      { Type: 'String', AllowedPattern: 'a|b' },
      'ab',
      "Parameter 'P' must match pattern a|b",
    ],
    [
      'a value in the words of the template',
      { Type: 'String', AllowedPattern: 'a', ConstraintDescription: 'only a' },
      'b',
      'Parameter P failed to satisfy constraint: only a',
    ],
    ['text for a number', { Type: 'Number' }, 'x', "Parameter 'P' must be a number"],
    ['a number out of range', { Type: 'Number', MaxValue: 9 }, '10', "Parameter 'P' must be at most 9"],
    [
      'too short a text',
      { Type: 'String', MinLength: 2 },
      'x',
      "Parameter 'P' must contain at least 2 characters",
    ],
    [
      'more than 4,096 bytes',
      { Type: 'String' },
      'ü'.repeat(2049),
      "Parameter 'P' must be at most 4096 bytes",
    ],
    [
      'a type that it does not know',
      { Type: 'AWS::EC2::VPC::Id' },
      'x',
      'Unsupported type AWS::EC2::VPC::Id',
    ],
  ])('refuses %s', (_, parameter, given, message) => {
    expect(() => values(parameter, given)).toThrow(message);
  });

  test('refuses a parameter that the template does not have', () => {
    const given = [{ ParameterKey: 'Q', ParameterValue: 'x' }];
    expect(() => parameterValues(template({ Type: 'String', Default: '' }), given)).toThrow(
      'Parameters: [Q] do not exist in the template',
    );
  });

  test('keeps the previous value where that is asked for', () => {
    const given = [{ ParameterKey: 'P', UsePreviousValue: 'true' }];
    expect(parameterValues(template({ Type: 'String', Default: 'd' }), given, { P: 'before' })).toEqual({
      P: 'before',
    });
  });
});

test('a rule whose assertion fails refuses the stack in its own words', () => {
  const Rules = {
    Check: {
      Assertions: [
        { Assert: { 'Fn::Contains': [['a', 'b'], { Ref: 'Name' }] }, AssertDescription: 'a or b' },
      ],
    },
  };
  expect(() => checkRules(scopeOf({ ...sections, Rules }))).toThrow('a or b');
  expect(() => checkRules(scopeOf({ ...sections, Rules }, { Name: 'b' }))).not.toThrow();
});

describe('dependencyGraph', () => {
  const graph = (Resources: object) =>
    Object.fromEntries(
      [...dependencyGraph(scopeOf({ ...sections, Resources }))].map(([id, needs]) => [id, [...needs]]),
    );
  const Type = 'AWS::Logs::LogGroup';

  test('follows references, texts, chosen branches and DependsOn', () => {
    const Resources = {
      A: { Type },
      B: { Type, Properties: { X: { Ref: 'A' } } },
      C: { Type, Properties: { X: { 'Fn::Sub': `\${A}-\${B.Arn}-\${!C}-\${AWS::Region}` } } },
      D: {
        Type,
        DependsOn: ['C'],
        Properties: { X: { 'Fn::If': ['HasName', { 'Fn::GetAtt': ['A', 'Arn'] }, { Ref: 'B' }] } },
      },
    };
    expect(graph(Resources)).toEqual({ A: [], B: ['A'], C: ['A', 'B'], D: ['A', 'C'] });
  });

  test('leaves out resources whose condition does not hold, and nobody waits for them', () => {
    const Resources = { A: { Type, Condition: 'HasEmpty' }, B: { Type, DependsOn: ['A'] } };
    expect(graph(Resources)).toEqual({ B: [] });
  });

  test.each<[string, object, string]>([
    [
      'a cycle',
      { A: { Type, DependsOn: 'B' }, B: { Type, DependsOn: 'A' } },
      'Circular dependency between resources: [A, B]',
    ],
    [
      'a reference to nothing',
      { A: { Type, Properties: { X: { Ref: 'Nobody' } } } },
      'Unresolved resource dependencies [Nobody] in the Resources block',
    ],
    [
      'a reference to what a condition leaves out',
      { A: { Type, Condition: 'HasEmpty' }, B: { Type, Properties: { X: { Ref: 'A' } } } },
      'Unresolved resource dependencies [A]',
    ],
    ['DependsOn nothing', { A: { Type, DependsOn: 'Nobody' } }, 'Unresolved resource dependencies [Nobody]'],
    [
      'a function that it does not know',
      { A: { Type, Properties: { X: { 'Fn::Cidr': [] } } } },
      'Unsupported function Fn::Cidr',
    ],
  ])('refuses %s', (_, resources, message) => {
    expect(() => graph(resources)).toThrow(message);
  });
});

describe('parseTemplate', () => {
  test('reads YAML as well', () => {
    expect(parseTemplate('Resources:\n  A:\n    Type: AWS::Logs::LogGroup\n').Resources).toEqual({
      A: { Type: 'AWS::Logs::LogGroup' },
    });
  });

  test.each([
    ['text that is neither', '{ "Resources": [', 'not well-formed'],
    ['no resources', '{"Resources":{}}', 'At least one Resources member must be defined.'],
    [
      'a section that it does not know',
      '{"Transform":"x","Resources":{"A":{"Type":"T"}}}',
      'Invalid template property or properties [Transform]',
    ],
    [
      'a resource attribute that it does not know',
      '{"Resources":{"A":{"Type":"T","CreationPolicy":{}}}}',
      'CreationPolicy',
    ],
    [
      'a resource without a type',
      '{"Resources":{"A":{}}}',
      'Every Resources object must contain a Type member',
    ],
    [
      'an exported output',
      '{"Resources":{"A":{"Type":"T"}},"Outputs":{"O":{"Value":"x","Export":{}}}}',
      'Export',
    ],
    ['more than 51,200 bytes', JSON.stringify({ Description: 'x'.repeat(51_200) }), '51200'],
  ])('refuses %s', (_, body, message) => {
    expect(() => parseTemplate(body)).toThrow(message);
  });
});
