import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { findTool } from './tools.ts';

/** Where and with which versions a result was measured. */
export interface Environment {
  readonly machine: string;
  /** `program version`, one each. */
  readonly versions: readonly string[];
  /** Revision of this repository; with a plus sign when files differ from it. */
  readonly revision: string;
}

const ROOT = join(import.meta.dirname, '..', '..');
const HARAKA = join(import.meta.dirname, '..', '.cache', 'haraka', 'node_modules', 'Haraka', 'package.json');

/** Reads machine and versions; what is not installed is left out. */
export function describeEnvironment(): Environment {
  const haproxy = firstMatch('haproxy', ['-v'], /version (\d[\d.]*)/);
  const postfix = firstMatch('postconf', ['-d', 'mail_version'], /= (\S+)/);
  const go = firstMatch('go', ['version'], /go(\d[\d.]*)/);
  return {
    machine: describeMachine(),
    versions: [
      `Node ${process.versions.node}`,
      ...(go === undefined ? [] : [`Go ${go}`]),
      ...(haproxy === undefined ? [] : [`HAProxy ${haproxy}`]),
      `smtp-server ${packageVersion('smtp-server')} + nodemailer ${packageVersion('nodemailer')}`,
      ...(existsSync(HARAKA) ? [`Haraka ${versionIn(HARAKA)}`] : []),
      ...(postfix === undefined ? [] : [`Postfix ${postfix}`]),
    ],
    revision: revision(),
  };
}

function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const gib = Math.round(totalmem() / 2 ** 30);
  return `${availableParallelism()} × ${model}, ${gib} GiB, ${distribution()}, Linux ${release().split('-', 1)[0]}`;
}

function distribution(): string {
  const file = '/etc/os-release';
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(text)?.[1] ?? 'unknown system';
}

function revision(): string {
  const commit = output('git', ['rev-parse', '--short', 'HEAD']).trim();
  const isChanged =
    output('git', ['status', '--porcelain', '--untracked-files=no', 'packages', 'plugins']) !== '';
  return `${commit}${isChanged ? '+' : ''}`;
}

function firstMatch(tool: string, args: readonly string[], pattern: RegExp): string | undefined {
  const program = findTool(tool);
  return program === undefined ? undefined : pattern.exec(output(program, args))?.[1];
}

function output(program: string, args: readonly string[]): string {
  return spawnSync(program, args, { cwd: ROOT, encoding: 'utf8', timeout: 5_000 }).stdout ?? '';
}

function packageVersion(name: string): string {
  return versionIn(createRequire(import.meta.url).resolve(`${name}/package.json`));
}

function versionIn(file: string): string {
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
