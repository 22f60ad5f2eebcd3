import fs from 'node:fs';
import path from 'node:path';

/* What documents name must be there, and what is there must be named. */
const ROOT = path.resolve(import.meta.dirname, '../../..');
const read = (name: string) => fs.readFileSync(path.join(ROOT, name), 'utf8');
const listed = (folder: string) => fs.readdirSync(path.join(ROOT, folder)).toSorted();
const DOCUMENTS = ['apps', 'docs', 'examples', 'infra', 'libs', 'test', '.'].flatMap((folder) =>
  fs
    .readdirSync(path.join(ROOT, folder), { recursive: folder !== '.', encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !name.includes('node_modules'))
    .map((name) => path.join(folder, name)),
);
const COMMANDS = Object.keys((JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts);

test('every command that a document names exists, and every long one is in CONTRIBUTING.md', () => {
  expect(DOCUMENTS.length).toBeGreaterThan(20);
  const named = DOCUMENTS.flatMap((name) => [...read(name).matchAll(/npm run ([\w:-]+)/g)].map((match) => match[1]));
  expect(named.filter((name) => name !== undefined && !COMMANDS.includes(name))).toEqual([]);
  const contributing = read('CONTRIBUTING.md');
  const long = COMMANDS.filter((name) => /^(test|bench|check|conformance|calibrate|sim):/.test(name));
  expect(long.filter((name) => !contributing.includes(`npm run ${name}`))).toEqual([]);
});

test('links between documents lead to files', () => {
  const broken = DOCUMENTS.flatMap((name) =>
    [...read(name).matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g)]
      .map((match) => match[1] ?? '')
      .filter((target) => !fs.existsSync(path.join(ROOT, path.dirname(name), target)))
      .map((target) => `${name}: ${target}`),
  );
  expect(broken).toEqual([]);
});

test('the list of decisions has each page once, and no number twice', () => {
  const pages = listed('docs/adr').filter((name) => name !== 'README.md');
  const linked = [...read('docs/adr/README.md').matchAll(/\]\((\d{4}-[^)]+)\)/g)].map((match) => match[1]);
  expect(linked).toEqual(pages);
  expect(new Set(pages.map((name) => name.slice(0, 4))).size).toBe(pages.length);
});

test('the table of ARCHITECTURE.md has the stations in the order of their row', () => {
  const [, list = ''] = /const STATIONS = \[([^\]]*)\]/.exec(read('.dependency-cruiser.cjs')) ?? [];
  const stations = [...list.matchAll(/'(\w+)'/g)].map((match) => match[1]);
  const rows = [...read('ARCHITECTURE.md').matchAll(/^\| `(\w+)\/` \|/gm)].map((match) => match[1]);
  expect(stations.length).toBeGreaterThan(0);
  expect(rows).toEqual(stations);
});

test('ARCHITECTURE.md names every table and every event of a station', () => {
  const architecture = read('ARCHITECTURE.md');
  const schema = listed('prisma/schema').map((name) => read(`prisma/schema/${name}`));
  const tables = schema.flatMap((text) => [...text.matchAll(/^model \w+ \{[^}]*?@@map\("(\w+)"\)/gm)].map((match) => match[1] ?? ''));
  const stations = listed('apps/broker/src').filter((name) => fs.existsSync(path.join(ROOT, 'apps/broker/src', name, `${name}.events.ts`)));
  const events = stations.flatMap((name) =>
    [...read(`apps/broker/src/${name}/${name}.events.ts`).matchAll(/export const (\w+) = new EventType/g)].map((match) => match[1] ?? ''),
  );
  const elsewhere = /^(provider_|simulated_object$)/;
  expect(tables.length).toBeGreaterThan(50);
  expect([...tables.filter((name) => !elsewhere.test(name)), ...events].filter((name) => !architecture.includes(`\`${name}\``))).toEqual(
    [],
  );
});
