/**
 * The programs that make code of selector.proto, installed once in their pinned versions. Nobody who uses or
 * changes anything but the contract needs them, so they are no dependencies of the workspace.
 */
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runTool } from '../process/run-tool.ts';

/** Compiler, and the generator for TypeScript. */
const NPM_PACKAGES = ['@bufbuild/buf@1.75.0', '@bufbuild/protoc-gen-es@2.17.0'];

/** Of the age of what go-plugin requires, so that plugins need nothing newer. */
const GO_PROGRAMS = [
  'google.golang.org/protobuf/cmd/protoc-gen-go@v1.36.6',
  'google.golang.org/grpc/cmd/protoc-gen-go-grpc@v1.3.0',
];

/** Compiler and generator in one. */
const PYTHON_PACKAGES = ['grpcio-tools==1.85.1'];

/** Where the installed programs are. */
export interface Generators {
  readonly buf: string;
  readonly protocGenEs: string;
  readonly protocGenGo: string;
  readonly protocGenGoGrpc: string;
  /** For `PYTHONPATH`. */
  readonly pythonPackages: string;
}

/** Installs into `folder` what is not there yet. */
export async function installGenerators(folder: string): Promise<Generators> {
  const node = await once(folder, `node ${NPM_PACKAGES.join(' ')}`, installNode);
  const go = await once(folder, `go ${GO_PROGRAMS.join(' ')}`, installGo);
  const python = await once(folder, `python ${PYTHON_PACKAGES.join(' ')}`, installPython);
  return {
    buf: join(node, 'node_modules/@bufbuild/buf/bin/buf'),
    protocGenEs: join(node, 'node_modules/@bufbuild/protoc-gen-es/bin/protoc-gen-es'),
    protocGenGo: join(go, 'protoc-gen-go'),
    protocGenGoGrpc: join(go, 'protoc-gen-go-grpc'),
    pythonPackages: python,
  };
}

/** A folder that is there only when everything in it is; another version gets another folder. */
async function once(
  folder: string,
  content: string,
  install: (target: string) => Promise<unknown>,
): Promise<string> {
  const target = join(folder, content.replaceAll(/[^\w.]+/g, '-'));
  if (existsSync(target)) return target;
  const begun = `${target}.begun`;
  await rm(begun, { recursive: true, force: true });
  await mkdir(begun, { recursive: true });
  await install(begun);
  await rename(begun, target);
  return target;
}

function installNode(target: string): Promise<unknown> {
  const args = ['install', '--prefix', target, '--no-save', '--no-audit', '--no-fund', '--ignore-scripts'];
  return runTool('npm', [...args, ...NPM_PACKAGES], { cwd: target });
}

async function installGo(target: string): Promise<void> {
  for (const program of GO_PROGRAMS) {
    await runTool('go', ['install', program], { cwd: target, env: { GOBIN: target } });
  }
}

function installPython(target: string): Promise<unknown> {
  const args = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--target', target];
  return runTool('python3', [...args, ...PYTHON_PACKAGES], { cwd: target });
}
