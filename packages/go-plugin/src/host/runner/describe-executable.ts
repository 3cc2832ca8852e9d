/**
 * What a plugin's file is, for the report of a start that failed: kind, processor and permissions
 * (go-plugin client.go, additionalNotesAboutCommand).
 */
import { type FileHandle, open } from 'node:fs/promises';

/** ELF `e_machine` in Node's names. */
const ELF_MACHINES: ReadonlyMap<number, string> = new Map([
  [0x03, 'ia32'],
  [0x15, 'ppc64'],
  [0x16, 's390x'],
  [0x28, 'arm'],
  [0x3e, 'x64'],
  [0xb7, 'arm64'],
  [0xf3, 'riscv64'],
]);

const MACH_O_MAGIC: ReadonlySet<number> = new Set([
  0xfeedface, 0xfeedfacf, 0xcefaedfe, 0xcffaedfe, 0xcafebabe,
]);

/** A phrase such as `an ELF program for arm64 (this machine is x64), mode 755`; undefined when the file cannot be read. */
export async function describeExecutable(path: string): Promise<string | undefined> {
  try {
    const file = await open(path, 'r');
    return await describeFile(file).finally(() => file.close());
  } catch {
    return undefined;
  }
}

async function describeFile(file: FileHandle): Promise<string> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(128), 0, 128, 0);
  const { mode } = await file.stat();
  return `${describeHead(buffer.subarray(0, bytesRead))}, mode ${(mode & 0o7777).toString(8)}`;
}

/** What the first bytes of a file say it is. */
export function describeHead(head: Buffer): string {
  if (head.length === 0) return 'an empty file';
  if (head.subarray(0, 2).toString('latin1') === '#!') return describeScript(head);
  if (head.length < 20) return 'no program';
  const magic = head.readUInt32BE(0);
  if (magic === 0x7f454c46) return describeElf(head);
  if (MACH_O_MAGIC.has(magic)) return 'a macOS program';
  return magic >>> 16 === 0x4d5a ? 'a Windows program' : 'no program';
}

function describeScript(head: Buffer): string {
  const firstLine = head.toString('latin1').split('\n', 1)[0] ?? '';
  return `a script for ${firstLine
    .slice(2)
    .replace(/[^\x20-\x7e]/g, ' ')
    .trim()}`;
}

/** Whether the first bytes are those of a program the processor runs, not of a script. */
export function isNativeProgram(head: Buffer): boolean {
  if (head.length < 20) return false;
  const magic = head.readUInt32BE(0);
  return magic === 0x7f454c46 || MACH_O_MAGIC.has(magic) || magic >>> 16 === 0x4d5a;
}

/** `[magic 4][class u8][data u8: 1 little-endian, 2 big-endian]…[e_machine u16 at 18]`. */
function describeElf(head: Buffer): string {
  const machine = head[5] === 2 ? head.readUInt16BE(18) : head.readUInt16LE(18);
  const name = ELF_MACHINES.get(machine) ?? `processor ${machine}`;
  return name === process.arch
    ? `an ELF program for ${name}`
    : `an ELF program for ${name} (this machine is ${process.arch})`;
}
