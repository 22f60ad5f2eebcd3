import { ROUTES, type Route } from '#protocol';
import { openApiDocument } from './document.js';

// biome-ignore lint/suspicious/noExplicitAny: a document is walked by its members' names
const document = openApiDocument({ name: 'Test heap', version: '1.2.3' }) as any;
const routes = Object.entries(ROUTES) as [string, Route][];

const refs = (value: unknown): string[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([key, member]) => (key === '$ref' ? [String(member)] : refs(member)));

test('every $ref leads somewhere', () => {
  const found = refs(document);
  expect(found.length).toBeGreaterThan(routes.length);
  for (const ref of found) {
    const target = ref
      .replace(/^#\//, '')
      .split('/')
      .reduce((at, member) => at?.[member], document);
    expect([ref, typeof target]).toEqual([ref, 'object']);
  }
});

test.each(routes)('%s is described', (name, route) => {
  const path = route.path.replace(/:([a-z_]+)/g, '{$1}');
  const operation = document.paths[path][route.method.toLowerCase()];
  expect(operation).toMatchObject({ operationId: name, summary: route.summary });
  expect(operation.responses.default).toEqual({ $ref: '#/components/responses/Problem' });
  expect(operation.responses[route.status]).toHaveProperty('description');
  expect(operation.security.length === 0).toBe(route.access === 'public');
  const in_path = operation.parameters.filter((p: { in: string }) => p.in === 'path').map((p: { name: string }) => p.name);
  expect(in_path).toEqual([...route.path.matchAll(/:([a-z_]+)/g)].map(([, parameter]) => parameter));
  expect(operation.parameters.some((p: { name: string }) => p.name === 'Idempotency-Key')).toBe(route.idempotent === true);
  expect('requestBody' in operation).toBe(route.body !== undefined);
});

test('operations have names of their own', () => {
  const ids = Object.values(document.paths).flatMap((path) => Object.values(path as object).map((operation) => operation.operationId));
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toHaveLength(routes.length);
});

test('a body is described as a client writes it, an answer as the broker does', () => {
  const { JobTerms, Job, Person } = document.components.schemas;
  expect(JobTerms.required).toEqual(['module_hash', 'max_price_micro', 'budget_micro']);
  expect(JobTerms.properties.budget_micro.type).toBe('string');
  expect(JobTerms.additionalProperties).toBe(false);
  expect(Job.required).toContain('name');
  expect(Person.properties.roles.items.enum).toEqual(['owner', 'developer', 'admin']);
});

test('nothing in it is beyond JSON', () => {
  expect(JSON.parse(JSON.stringify(document))).toEqual(document);
});
