/** Which generator makes which committed files of selector.proto. */
import { runTool } from '../process/run-tool.ts';
import type { Generators } from './install-generators.ts';

/** Folder of selector.proto, where its package begins. */
const PROTO_FOLDER = 'packages/selector/proto';
const PACKAGE_FOLDER = 'smtp_router/selector/v2';

/** Absolute folders. */
export interface GeneratorFolders {
  readonly root: string;
  /** Where generators write. */
  readonly out: string;
}

/** The code for one place. */
export interface GeneratedCode {
  run(generators: Generators, folders: GeneratorFolders): Promise<unknown>;
  /** Committed path by the path below `out`. */
  readonly files: Readonly<Record<string, string>>;
}

const TYPESCRIPT: GeneratedCode = {
  run: ({ buf, protocGenEs }, folders) =>
    generateWithBuf(buf, folders, [
      { local: [process.execPath, protocGenEs], out: 'es', opt: ['target=js+dts'] },
    ]),
  files: filesOf('es', 'packages/selector/src/wire/v2/gen', ['selector_pb.js', 'selector_pb.d.ts']),
};

const GO_FILES = ['selector.pb.go', 'selector_grpc.pb.go'];

/** The SDK. */
const GO: GeneratedCode = {
  run: (generators, folders) => generateGo(generators, folders, { out: 'go', opt: [] }),
  files: filesOf('go', 'sdk/go/selectorpb', GO_FILES),
};

/** Peers of the interop tests share nothing with the SDK. */
const INTEROP_GO: GeneratedCode = {
  run: (generators, folders) => {
    const importPath = 'github.com/smtp-router/smtp-router/interop/internal/selectorpb';
    const opt = [`M${PACKAGE_FOLDER}/selector.proto=${importPath}`];
    return generateGo(generators, folders, { out: 'interop', opt });
  },
  // No stubs: those would ask for a newer grpc than the older releases of go-plugin come with.
  files: filesOf('interop', 'interop/internal/selectorpb', ['selector.pb.go']),
};

const PYTHON: GeneratedCode = {
  run: ({ pythonPackages }, { root, out }) =>
    runTool(
      'python3',
      [
        ...['-m', 'grpc_tools.protoc', `--proto_path=${PROTO_FOLDER}`],
        ...[`--python_out=${out}`, `--pyi_out=${out}`, `--grpc_python_out=${out}`],
        `${PACKAGE_FOLDER}/selector.proto`,
      ],
      { cwd: root, env: { PYTHONPATH: pythonPackages } },
    ),
  files: filesOf('', 'examples/python/round_robin/smtp_router/selector/v2', [
    'selector_pb2.py',
    'selector_pb2.pyi',
    'selector_pb2_grpc.py',
  ]),
};

export const GENERATED_CODE: readonly GeneratedCode[] = [TYPESCRIPT, GO, INTEROP_GO, PYTHON];

/** A plugin as buf.gen.yaml has it. */
interface BufPlugin {
  readonly local: readonly string[];
  readonly out: string;
  readonly opt: readonly string[];
}

function generateWithBuf(
  buf: string,
  { root, out }: GeneratorFolders,
  plugins: readonly BufPlugin[],
): Promise<unknown> {
  const template = JSON.stringify({ version: 'v2', plugins });
  const args = [buf, 'generate', PROTO_FOLDER, '--template', template, '--output', out];
  return runTool(process.execPath, args, { cwd: root });
}

function generateGo(
  { buf, protocGenGo, protocGenGoGrpc }: Generators,
  folders: GeneratorFolders,
  { out, opt }: { readonly out: string; readonly opt: readonly string[] },
): Promise<unknown> {
  const options = ['paths=source_relative', ...opt];
  return generateWithBuf(buf, folders, [
    { local: [protocGenGo], out, opt: options },
    { local: [protocGenGoGrpc], out, opt: options },
  ]);
}

function filesOf(out: string, folder: string, names: readonly string[]): Readonly<Record<string, string>> {
  const made = out === '' ? PACKAGE_FOLDER : `${out}/${PACKAGE_FOLDER}`;
  return Object.fromEntries(names.map((name) => [`${made}/${name}`, `${folder}/${name}`]));
}
