// Import directions between the folders of src/, as the architecture has them. Each entry
// says which other folders a folder may import; everything else is an error.
const may = {
  catalog: [],
  config: ['catalog'],
  ledger: ['catalog'],
  events: ['catalog', 'ledger'],
  exposition: ['catalog', 'ledger'],
  log: ['catalog'],
  otel: ['catalog', 'config', 'ledger', 'events', 'log'],
  instrumentation: ['catalog', 'config', 'events'],
  endpoint: ['catalog', 'config', 'ledger', 'exposition'],
};

const SDK = '^node_modules/@opentelemetry/(?!api/)';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    ...Object.entries(may).map(([folder, others]) => ({
      name: `directions-of-${folder}`,
      severity: 'error',
      from: { path: `^src/${folder}/` },
      to: { path: '^src/', pathNot: `^src/((${[folder, ...others].join('|')})/|lazy-require)` },
    })),
    {
      name: 'sdk-in-otel-alone',
      comment: 'The core works inside a host that brings its own SDK: types are all it takes.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/otel/' },
      to: { path: SDK, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'examples-use-the-public-api',
      severity: 'error',
      from: { path: '^examples/' },
      to: { path: '^src/', pathNot: '^src/index\\.ts$' },
    },
    {
      name: 'src-stands-alone',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|examples|bench)/' },
    },
    {
      name: 'resolvable',
      severity: 'error',
      // Hosts of test/with-node find their packages where the tests put them.
      from: { pathNot: '^test/fixtures/with-sdk/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
    },
  },
};
