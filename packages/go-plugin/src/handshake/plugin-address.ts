/** Where a plugin listens: fields 3 and 4 of the handshake line. */
export type PluginAddress =
  | { readonly network: 'unix'; readonly path: string }
  | { readonly network: 'tcp'; readonly host: string; readonly port: number };
