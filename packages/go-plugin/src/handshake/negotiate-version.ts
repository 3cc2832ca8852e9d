/**
 * The version a plugin serves: its highest that the host speaks too. Without a common one, or with a
 * host too old to list its versions, the plugin's lowest, and the host is left to complain (go-plugin
 * server.go, protocolVersion).
 *
 * @param own at least one version
 */
export function negotiateVersion(own: readonly number[], host: readonly number[] | undefined): number {
  const common = own.filter((version) => host?.includes(version));
  return common.length > 0 ? Math.max(...common) : Math.min(...own);
}
