/**
 * Packages for other platforms in the lockfile.
 *
 * A tool with native parts names one optional package for each platform. A registry mirror may hold only those of
 * its own machines; npm then writes a lockfile without the others, and `npm ci` refuses it ("Missing … from lock
 * file"). An entry with the version, the platform and no checksum mends both: it is skipped where the platform differs,
 * and fetched from a full registry where it does not.
 */

/** The part of a lockfile (version 3) that is looked at. */
export interface Lockfile {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

/** One entry of `packages`, by its folder. */
export interface LockedPackage {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** Words in names of platform packages that are no operating system and no processor. */
const LIBC = new Set(['gnu', 'musl', 'gnueabihf', 'musleabihf', 'msvc', 'eabi']);
const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'sunos', 'win32'];
const PROCESSORS = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64'];

/** Entries the lockfile lacks, by folder; empty when `npm ci` will take it. */
export function missingPlatformPackages(lockfile: Lockfile): ReadonlyMap<string, LockedPackage> {
  const missing = new Map<string, LockedPackage>();
  for (const owner of Object.values(lockfile.packages)) {
    for (const [name, version] of Object.entries(owner.optionalDependencies ?? {})) {
      const folder = `node_modules/${name}`;
      const platform = platformOf(name);
      if (folder in lockfile.packages || platform === undefined) continue;
      missing.set(folder, {
        version,
        ...(owner.dev === true && { dev: true }),
        optional: true,
        ...platform,
      });
    }
  }
  return missing;
}

/** The lockfile with what it lacked, folders in npm's order. */
export function completeLockfile(lockfile: Lockfile): Lockfile {
  const all = { ...lockfile.packages, ...Object.fromEntries(missingPlatformPackages(lockfile)) };
  const folders = Object.keys(all).sort((a, b) => a.localeCompare(b, 'en'));
  return { ...lockfile, packages: Object.fromEntries(folders.map((folder) => [folder, all[folder] ?? {}])) };
}

interface Platform {
  readonly os: readonly string[];
  readonly cpu: readonly string[];
  readonly libc?: readonly string[];
}

/** `@biomejs/cli-linux-x64-musl` → linux, x64, musl; undefined when the name tells no platform. */
function platformOf(name: string): Platform | undefined {
  const words = name.split(/[/-]/);
  const os = SYSTEMS.find((system) => words.includes(system));
  const cpu = PROCESSORS.find((processor) => words.includes(processor));
  if (os === undefined || cpu === undefined) return undefined;
  const libc = words
    .find((word) => LIBC.has(word))
    ?.replace(/eabihf$/, '')
    .replace('gnu', 'glibc');
  const isLibcNamed = os === 'linux' && (libc === 'glibc' || libc === 'musl');
  return { os: [os], cpu: [cpu], ...(isLibcNamed && { libc: [libc] }) };
}
