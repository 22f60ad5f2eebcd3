import { z } from 'zod';
import { apiKey, balance, job, jobTerms, module, node, person, problem, type Route, receipt, task, taskOutcome } from '#protocol';

type Json = Record<string, unknown>;

/** Shapes that have a name of their own; others are called after their operation. */
const NAMED: Readonly<Record<string, z.ZodType>> = {
  Problem: problem,
  Person: person,
  ApiKey: apiKey,
  Balance: balance,
  Node: node,
  Module: module,
  Job: job,
  JobTerms: jobTerms,
  Task: task,
  TaskOutcome: taskOutcome,
  Receipt: receipt,
};

export interface Schemas {
  /** The `components.schemas` of the document. */
  readonly components: Record<string, Json>;
  /** A `$ref` to the shape of `operation.body` or `operation.response`. */
  reference(use: string): Json;
  /** The members of a path or query schema, as parameters. */
  members(schema: z.ZodType | undefined): Json[];
}

/** JSON Schemas of all bodies and answers: bodies as a client writes them, answers as the broker does. */
export function collectSchemas(routes: Readonly<Record<string, Route>>): Schemas {
  const names = new Map<string, string>();
  const sent = new Map<z.ZodType, string>();
  const answered = new Map<z.ZodType, string>();
  for (const [name, schema] of Object.entries(NAMED)) (schema === jobTerms ? sent : answered).set(schema, name);
  for (const [operation, { body, response }] of Object.entries(routes)) {
    const add = (known: Map<z.ZodType, string>, use: string, suffix: string, schema: Route['response'] | Route['body']) => {
      if (schema === undefined || typeof schema === 'string') return;
      const name = known.get(schema) ?? `${operation[0]?.toUpperCase()}${operation.slice(1)}${suffix}`;
      known.set(schema, name);
      names.set(`${operation}.${use}`, name);
    };
    add(sent, 'body', 'Request', body);
    add(answered, 'response', 'Response', response);
  }
  return {
    components: { ...jsonSchemas(answered, 'output'), ...jsonSchemas(sent, 'input') },
    reference: (use) => ({ $ref: uri(names.get(use) ?? unknownUse(use)) }),
    members,
  };
}

const uri = (name: string): string => `#/components/schemas/${name}`;
const unknownUse = (use: string): never => {
  throw new Error(`no schema for ${use}`);
};

function jsonSchemas(named: ReadonlyMap<z.ZodType, string>, io: 'input' | 'output'): Record<string, Json> {
  const registry = z.registry<{ id: string }>();
  for (const [schema, id] of named) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { io, uri });
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, tidy(schema as Json)]));
}

/** In a document the dialect is known and the place is the identity. */
const tidy = ({ $schema: _, $id: __, ...schema }: Json): Json => schema;

function members(schema: z.ZodType | undefined): Json[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, member]) => ({ name, required: required.includes(name), schema: member }));
}
