// Who may import whom. The folders' order is the data's order, and imports point one way only (docs: ARCHITECTURE.md):
// contracts <- runtime <- kafka, database, outbound <- handlers, github <- services, cli.

/** Each package, and the packages of ours that its production code may import. */
const layers = {
  contracts: [],
  runtime: ['contracts'],
  kafka: ['contracts', 'runtime'],
  database: ['contracts', 'runtime'],
  outbound: ['contracts', 'runtime'],
  handlers: ['contracts', 'runtime', 'kafka', 'database'],
  github: ['contracts', 'runtime', 'kafka', 'database', 'outbound'],
  cli: ['contracts', 'runtime', 'kafka', 'database', 'outbound', 'handlers', 'github'],
  'local-stack': ['contracts', 'runtime', 'kafka', 'database', 'handlers', 'github'],
};
const belowServices = ['contracts', 'runtime', 'kafka', 'database', 'outbound', 'handlers', 'github'];

const OURS = '^(packages|services|tests|examples|bench|scripts)/';
const TESTS = '[.]test[.]ts$|/src/(testing|contract)/|^(tests|bench)/';

const layerRules = Object.entries(layers).map(([name, below]) => ({
  name: `layer-${name}`,
  comment: `packages/${name} may import ${below.join(', ') || 'nothing of ours'}: imports point one way only.`,
  severity: 'error',
  from: { path: `^packages/${name}/`, pathNot: TESTS },
  to: { path: OURS, pathNot: `^packages/(${[name, ...below].join('|')})/` },
}));

export default {
  forbidden: [
    ...layerRules,
    {
      name: 'layer-services',
      comment:
        'A service imports the packages below, never another service: they share contracts, a topic and schemas.',
      severity: 'error',
      from: { path: '^services/([^/]+)/', pathNot: TESTS },
      to: { path: OURS, pathNot: `^services/$1/|^packages/(${belowServices.join('|')})/` },
    },
    {
      name: 'services-apart',
      comment: "Not even a service's tests import another service: what needs two belongs in tests/.",
      severity: 'error',
      from: { path: '^services/([^/]+)/' },
      to: { path: '^services/', pathNot: '^services/$1/' },
    },
    {
      name: 'local-stack-is-for-tests',
      comment: 'Production code must run without it: only tests, examples and scripts start a stack.',
      severity: 'error',
      from: { path: '^(packages|services)/', pathNot: `${TESTS}|^packages/local-stack/` },
      to: { path: '^packages/local-stack/' },
    },
    {
      name: 'production-without-tests',
      comment: 'What only tests need must not be loaded, or shipped, with the product.',
      severity: 'error',
      from: { path: '^(packages|services|examples)/', pathNot: `${TESTS}|^packages/local-stack/` },
      to: { path: TESTS },
    },
    {
      name: 'stand-in-is-for-tests',
      comment: 'Nothing in production talks to a stand-in for GitHub: only tests and the demo start one.',
      severity: 'error',
      from: { path: '^(packages|services)/', pathNot: `${TESTS}|^packages/github/src/stand-in/` },
      to: { path: '^packages/github/src/stand-in/' },
    },
    {
      name: 'kafka-client-only-in-kafka',
      comment:
        "KafkaJS's traps are handled in one place: packages/kafka is the only importer of it and of the registry client.",
      severity: 'error',
      from: { path: OURS, pathNot: '^packages/kafka/' },
      to: { path: '/node_modules/(kafkajs|@kafkajs/confluent-schema-registry)/' },
    },
    {
      name: 'postgres-client-only-in-database',
      comment: 'Every transaction is fenced: packages/database is the only importer of pg and knex.',
      severity: 'error',
      from: { path: OURS, pathNot: '^packages/database/' },
      to: { path: '/node_modules/(pg|knex)/' },
    },
    {
      name: 'http-client-only-in-outbound',
      comment:
        'Which addresses may be asked is checked in one place: packages/outbound is the only importer of undici.',
      severity: 'error',
      from: { path: OURS, pathNot: '^packages/outbound/' },
      to: { path: '/node_modules/undici/' },
    },
    {
      name: 'opentelemetry-only-where-wanted',
      comment: 'One static import of these would load it in every process.',
      severity: 'error',
      from: { path: OURS, pathNot: '^packages/runtime/src/tracing/(create-tracing|sampler|spans|telling-exporter)[.]' },
      to: {
        path: '^packages/runtime/src/tracing/(create-tracing|sampler|spans|telling-exporter)[.]',
        dependencyTypesNot: ['dynamic-import', 'type-only'],
      },
    },
    {
      name: 'contracts-do-no-io',
      comment: 'Contracts are pure data and functions of it, so that anything can import them.',
      severity: 'error',
      from: { path: '^packages/contracts/', pathNot: TESTS },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(buffer|crypto|util)$' },
    },
    {
      name: 'no-cycles',
      comment: 'Files that need each other are one subject in two places.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'declared-dependencies',
      comment: "A package's own package.json names what it imports, or it breaks where it is installed alone.",
      severity: 'error',
      from: { path: OURS, pathNot: TESTS },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-dev-dependencies-in-production',
      comment: 'Images are built without devDependencies.',
      severity: 'error',
      from: { path: '^(packages|services)/[^/]+/src/', pathNot: `${TESTS}|^packages/github/src/stand-in/` },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'resolvable',
      comment: 'An import that leads nowhere hides from every rule above.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    // TypeScript 7 has no JavaScript API, which the other parser of .ts files needs. This one also sees `import type`.
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|coverage)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'node', 'default', 'types'],
      // Packages of types only have no main.
      mainFields: ['module', 'main', 'types'],
      extensions: ['.ts', '.mjs', '.js', '.json'],
    },
  },
};
