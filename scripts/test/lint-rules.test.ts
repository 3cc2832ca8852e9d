import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type LintFinding, PlantedTree } from './planted-tree.ts';

/** Rooms of one package and the rooms each may import: the arrows of docs/overview.md, stated once more. */
type Arrows = Readonly<Record<string, readonly string[]>>;

const GO_PLUGIN_ENGINES = ['yamux', 'gob', 'net-rpc', 'grpc', 'handshake', 'hclog', 'x509'];
const SMTP_ENGINES = ['grammar', 'sasl', 'server', 'client'];

const ROUTER_ARROWS: Arrows = {
  config: [],
  message: [],
  events: ['message'],
  downstream: ['message', 'events'],
  selection: ['message', 'events'],
  relay: ['selection', 'downstream', 'message', 'events'],
  spool: ['message'],
  delivery: ['relay', 'spool', 'message', 'events'],
  listener: ['events'],
  submission: ['listener', 'delivery', 'message', 'events'],
  telemetry: ['events', 'message'],
  control: ['config', 'delivery', 'telemetry', 'message', 'events'],
  authoring: ['config', 'selection'],
  demo: ['config'],
};

const ARROWS: Readonly<Record<string, Arrows>> = {
  'go-plugin': {
    yamux: [],
    gob: [],
    'net-rpc': ['gob'],
    grpc: [],
    handshake: [],
    hclog: [],
    x509: [],
    transport: ['yamux', 'gob', 'net-rpc', 'grpc', 'handshake', 'x509'],
    host: ['transport', ...GO_PLUGIN_ENGINES],
    plugin: ['transport', ...GO_PLUGIN_ENGINES],
    supervisor: ['host', 'transport', 'handshake', 'hclog'],
  },
  smtp: {
    grammar: [],
    sasl: ['grammar'],
    server: ['grammar', 'sasl'],
    client: ['grammar', 'sasl'],
  },
  selector: {
    contract: [],
    wire: ['contract'],
    serve: ['wire', 'contract'],
    host: ['wire', 'contract'],
    testing: ['contract'],
  },
  router: ROUTER_ARROWS,
};

/** Which doors of go-plugin a room of the selector package may open. */
const SELECTOR_DOORS: Readonly<Record<string, readonly string[]>> = {
  contract: [],
  wire: ['gob', 'net-rpc'],
  serve: ['plugin', 'gob', 'net-rpc'],
  host: ['host', 'gob', 'net-rpc'],
  testing: [],
};
const GO_PLUGIN_DOORS = ['yamux', 'gob', 'net-rpc', 'host', 'plugin', 'supervisor'];

/** One planted import and what the linter must say to it. */
interface PlantedImport {
  readonly file: string;
  readonly specifier: string;
  readonly isRefused: boolean;
}

function roomImports(): readonly PlantedImport[] {
  return Object.entries(ARROWS).flatMap(([folder, arrows]) =>
    Object.entries(arrows).flatMap(([room, allowed]) =>
      Object.keys(arrows)
        .filter((other) => other !== room)
        .map((other) => ({
          file: `packages/${folder}/src/${room}/imports-${other}.ts`,
          specifier: `../${other}/index.ts`,
          isRefused: !allowed.includes(other),
        })),
    ),
  );
}

/** Nothing reaches up to the composition or the command line; only the demo starts a router. */
function upwardImports(): readonly PlantedImport[] {
  return Object.keys(ROUTER_ARROWS).flatMap((room) => [
    { file: `packages/router/src/${room}/imports-cli.ts`, specifier: '../cli/index.ts', isRefused: true },
    {
      file: `packages/router/src/${room}/imports-router.ts`,
      specifier: '../router.ts',
      isRefused: room !== 'demo',
    },
  ]);
}

function doorImports(): readonly PlantedImport[] {
  return Object.entries(SELECTOR_DOORS).flatMap(([room, allowed]) =>
    GO_PLUGIN_DOORS.map((door) => ({
      file: `packages/selector/src/${room}/opens-${door}.ts`,
      specifier: `@smtp-router/go-plugin/${door}`,
      isRefused: !allowed.includes(door),
    })),
  );
}

/** Only `wire` knows protobuf and what is generated for it. */
function protobufImports(): readonly PlantedImport[] {
  return Object.keys(SELECTOR_DOORS).flatMap((room) =>
    ['@bufbuild/protobuf', '../wire/v2/gen/selector_pb.js'].map((specifier, index) => ({
      file: `packages/selector/src/${room}/knows-protobuf-${index}.ts`,
      specifier,
      isRefused: room !== 'wire',
    })),
  );
}

function nodeImports(): readonly PlantedImport[] {
  const engines = [
    ...GO_PLUGIN_ENGINES.map((room) => `go-plugin/src/${room}`),
    ...SMTP_ENGINES.map((room) => `smtp/src/${room}`),
  ];
  const rims = ['go-plugin/src/transport', 'router/src/listener'];
  return [
    ...engines.map((place) => ({ place, isRefused: true })),
    ...rims.map((place) => ({ place, isRefused: false })),
  ].map(({ place, isRefused }) => ({
    file: `packages/${place}/imports-node.ts`,
    specifier: 'node:net',
    isRefused,
  }));
}

const PLANTED_IMPORTS = [
  ...roomImports(),
  ...upwardImports(),
  ...doorImports(),
  ...protobufImports(),
  ...nodeImports(),
];

const OTHER_PLANTS: Readonly<Record<string, { readonly source: string; readonly rule: string }>> = {
  'packages/smtp/src/grammar/undeclared.ts': {
    source: "import { z } from 'zod';\nexport const schema = z;\n",
    rule: 'noUndeclaredDependencies',
  },
  'packages/router/src/message/first.ts': {
    source: "import { second } from './second.ts';\nexport const first = (): number => second();\n",
    rule: 'noImportCycles',
  },
  'packages/router/src/message/second.ts': {
    source: "import { first } from './first.ts';\nexport const second = (): number => first();\n",
    rule: 'noImportCycles',
  },
  'packages/router/src/relay/floating.ts': {
    source: 'async function send(): Promise<void> {}\nexport function forget(): void {\n  send();\n}\n',
    rule: 'noFloatingPromises',
  },
  'packages/router/src/relay/any.ts': {
    source: 'export const anything = (value: any): unknown => value;\n',
    rule: 'noExplicitAny',
  },
  'packages/router/src/relay/extension.ts': {
    source: "export { room } from './index';\n",
    rule: 'useImportExtensions',
  },
};

describe('the linter', () => {
  let tree: PlantedTree;
  let findings: readonly LintFinding[];

  before(async () => {
    tree = await PlantedTree.create();
    for (const [folder, arrows] of Object.entries(ARROWS)) {
      for (const room of [...Object.keys(arrows), ...(folder === 'router' ? ['cli'] : [])]) {
        await tree.plant(`packages/${folder}/src/${room}/index.ts`, `export const room = '${room}';\n`);
      }
    }
    await tree.plant('packages/router/src/router.ts', "export const room = 'router';\n");
    for (const { file, specifier } of PLANTED_IMPORTS) {
      await tree.plant(file, `export * as seen from '${specifier}';\n`);
    }
    for (const [file, { source }] of Object.entries(OTHER_PLANTS)) await tree.plant(file, source);
    findings = await tree.lint();
  });

  after(() => tree[Symbol.asyncDispose]());

  const isFound = (file: string, rule: string) =>
    findings.some((finding) => finding.file === file && finding.rule === rule);

  it('refuses every import against the arrows and lets every other one pass', () => {
    const wrong = PLANTED_IMPORTS.filter(
      ({ file, isRefused }) => isFound(file, 'noRestrictedImports') !== isRefused,
    ).map(({ file, isRefused }) => `${file} must be ${isRefused ? 'refused' : 'allowed'}`);
    assert.deepEqual(wrong, []);
    assert.ok(PLANTED_IMPORTS.some(({ isRefused }) => isRefused));
  });

  for (const [file, { rule }] of Object.entries(OTHER_PLANTS)) {
    it(`refuses what ${rule} is there for in ${file}`, () => {
      assert.ok(isFound(file, rule), JSON.stringify(findings.filter((finding) => finding.file === file)));
    });
  }
});
