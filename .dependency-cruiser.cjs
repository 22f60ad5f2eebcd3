/**
 * The architecture as rules that fail `npm run check`. The two tables below ARE the architecture; the rules are made of them.
 */

/** dependency-cruiser's parser is not told which files hold JSX. */
const swc = require('@swc/core');
const { parseFileSync } = swc;
swc.parseFileSync = (file, options) => parseFileSync(file, { ...options, tsx: file.endsWith('.tsx') });

/** Money and work pass these stations in this order. A station may read and command earlier ones, and hears of later ones by events only. */
const STATIONS = [
  'accounts',
  'funding',
  'promotions',
  'partners',
  'nodes',
  'orders',
  'auctions',
  'leases',
  'reservations',
  'verification',
  'dispatch',
  'results',
  'settlement',
  'volumes',
  'payouts',
  'statements',
  'administration',
  'operations',
  'notices',
  'live',
];

/** What a station shows to later ones: what it announces, what may be read, what may be asked of it, and its module. */
const SURFACE = 'events|query|commands|module';

/** Who may import which library. Absent means forbidden. */
const MAY_IMPORT = {
  'libs/units': [],
  'libs/auction': ['units'],
  'libs/ledger': ['units'],
  'libs/lifecycle': ['units'],
  'libs/verification': ['units', 'lifecycle'],
  'libs/erasure': ['units'],
  'libs/placement': ['units'],
  'libs/protocol': ['units'],
  'libs/database': ['units'],
  'libs/sandbox': ['units', 'protocol'],
  'libs/sdk': ['units', 'protocol', 'erasure'],
  'libs/agent-core': ['units', 'protocol', 'sandbox', 'lifecycle', 'erasure'],
  'apps/broker': ['units', 'auction', 'ledger', 'lifecycle', 'verification', 'erasure', 'placement', 'protocol', 'database', 'sandbox'],
  'apps/agent': ['units', 'protocol', 'sandbox', 'agent-core', 'erasure'],
  'apps/cli': ['units', 'auction', 'protocol', 'erasure', 'sdk'],
  'apps/console': ['units', 'auction', 'protocol', 'erasure', 'sandbox', 'agent-core', 'sdk'],
  examples: ['units', 'sdk'],
};

/** The sandbox has a second door for each platform that runs it; the broker serves the page whose frame it knows the policy of. */
const PLATFORM_DOORS = {
  'apps/broker': ['libs/sandbox/src/node/index.ts', 'libs/sandbox/src/browser/index.ts'],
  'apps/agent': ['libs/sandbox/src/node/index.ts'],
  'apps/console': ['libs/sandbox/src/browser/index.ts'],
};

const PURE = '^libs/(units|auction|ledger|lifecycle|verification|placement)/src';
const PLATFORM_FREE = '^(libs/(protocol|erasure|agent-core|sandbox/src/(?!node/))|apps/console/src/)';
const TESTS = '(\\.spec|\\.int\\.spec)\\.ts$|^test/|/testing/';

const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

module.exports = {
  forbidden: [
    forbid('no-cycles', 'A cycle means two files are one file. Move the shared part down.', {}, { circular: true }),

    ...Object.entries(MAY_IMPORT).map(([owner, libs]) =>
      forbid(
        `${owner.replace('/', '-')}-imports`,
        `${owner} may import: ${libs.join(', ') || 'nothing'}.`,
        { path: `^${owner}/`, pathNot: TESTS },
        {
          path: '^(apps|libs|examples)/',
          pathNot: [
            `^${owner}/`,
            ...libs.map((lib) => `^libs/${lib}/src/index\\.ts$`),
            ...(PLATFORM_DOORS[owner] ?? []).map((door) => `^${door.replaceAll('.', '\\.')}$`),
          ],
        },
      ),
    ),

    forbid(
      'pure-core-has-no-dependencies',
      'Money and matching rules must run in a plain test with no clock, disk, network or framework.',
      { path: PURE, pathNot: TESTS },
      { dependencyTypes: ['npm', 'npm-dev', 'npm-peer', 'core', 'unknown'] },
    ),
    forbid(
      'platform-free',
      'What runs in browsers and agents alike knows no Node.js.',
      { path: PLATFORM_FREE, pathNot: TESTS },
      { dependencyTypes: ['core'] },
    ),
    forbid(
      'no-import-of-own-index',
      'Inside a library import the file, not the library: its own index makes cycles.',
      { path: '^libs/([^/]+)/src/', pathNot: '/index\\.ts$|/node/' },
      { path: '^libs/$1/src/index\\.ts$' },
    ),

    ...STATIONS.map((station, i) =>
      forbid(
        `station-${station}`,
        `${station} may use only the ${SURFACE.replaceAll('|', ', ')} files of earlier stations: ${STATIONS.slice(0, i).join(', ') || 'none'}.`,
        { path: `^apps/broker/src/${station}/`, pathNot: TESTS },
        {
          path: `^apps/broker/src/(${STATIONS.join('|')})/`,
          pathNot: [
            `^apps/broker/src/${station}/`,
            ...(i ? [`^apps/broker/src/(${STATIONS.slice(0, i).join('|')})/[^/]+\\.(${SURFACE})\\.ts$`] : []),
          ],
        },
      ),
    ),

    forbid(
      'plumbing-knows-no-station',
      'platform/ and money/ serve every station and know none.',
      { path: '^apps/broker/src/(platform|money)/', pathNot: TESTS },
      { path: `^apps/broker/src/(${STATIONS.join('|')})/` },
    ),
    forbid(
      'platform-knows-no-money',
      'Plumbing moves no money.',
      { path: '^apps/broker/src/platform/', pathNot: TESTS },
      { path: '^apps/broker/src/money/' },
    ),
    forbid(
      'edges-go-through-services',
      'Controllers, gateways and processors translate; they do not touch data.',
      { path: '\\.(controller|gateway|processor)\\.ts$' },
      { path: ['\\.store\\.ts$', '^libs/database/', '^node_modules/@prisma'] },
    ),
    forbid(
      'stores-decide-nothing',
      'A store reads and writes; decisions live in services or pure libraries.',
      { path: '\\.store\\.ts$' },
      { path: ['\\.(service|controller|gateway|processor)\\.ts$'] },
    ),
    forbid(
      'only-stores-touch-the-database',
      'SQL lives in *.store.ts, where it can be found and tested. A service spans a transaction with platform/database/transactions.ts.',
      { path: '^apps/broker/src/[^/]+/', pathNot: ['\\.store\\.ts$', '^apps/broker/src/platform/', TESTS] },
      { path: ['^libs/database/', '^node_modules/@prisma'] },
    ),
    forbid(
      'only-one-door-to-prisma',
      'libs/database',
      { path: '^(apps|libs)/', pathNot: ['^libs/database/', TESTS] },
      { path: '^node_modules/(@prisma|pg)/' },
    ),
    forbid(
      'only-one-door-to-bullmq',
      'platform/queue, and the processors that it runs',
      { path: '^(apps|libs)/', pathNot: ['^apps/broker/src/platform/queue/', '\\.processor\\.ts$', TESTS] },
      { path: '^node_modules/(bullmq|@nestjs/bullmq)/' },
    ),
    forbid(
      'only-one-door-to-stripe',
      'platform/provider: everything else speaks to the port MoneyProvider.',
      { path: '^(apps|libs)/', pathNot: ['^apps/broker/src/platform/provider/', TESTS] },
      { path: '^node_modules/stripe/' },
    ),
    forbid(
      'nest-only-in-broker',
      'Nothing else is a server.',
      { path: '^(apps|libs)/', pathNot: ['^apps/broker/', TESTS] },
      { path: '^node_modules/@nestjs/' },
    ),

    forbid('production-never-imports-tests', '', { path: '^(apps|libs)/', pathNot: TESTS }, { path: TESTS }),
    forbid(
      'e2e-speaks-only-public-language',
      'End-to-end tests see what a user sees.',
      { path: '^test/e2e/' },
      { path: '^(apps|libs)/', pathNot: ['^libs/(sdk|protocol|units|auction)/src/index\\.ts$'] },
    ),
    forbid('resolvable', 'An import that resolves to nothing fails at run time.', {}, { couldNotResolve: true }),
    {
      name: 'no-orphans',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: [
          '\\.d\\.ts$',
          '/bin/',
          '^libs/sdk/index\\.js$',
          'main\\.ts$',
          'push/sw\\.ts$',
          'index\\.ts$',
          '^examples/',
          '^test/',
          TESTS,
        ],
      },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/generated/|^dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    parser: 'swc',
    combinedDependencies: true,
    enhancedResolveOptions: {
      conditionNames: ['source', 'import', 'node', 'default'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.json'],
    },
  },
};
