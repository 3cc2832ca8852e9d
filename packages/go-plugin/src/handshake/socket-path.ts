/**
 * Bytes of a Unix socket's path the system takes, the final NUL not counted: `sockaddr_un.sun_path` is
 * 108 bytes on Linux, 104 on the BSDs and macOS.
 *
 * @param platform in the spelling of `process.platform`
 */
export function maxSocketPathBytes(platform: string): number {
  return platform === 'linux' ? 107 : 103;
}
