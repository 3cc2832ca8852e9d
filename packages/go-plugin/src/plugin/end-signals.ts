/**
 * Signals of a plugin: Ctrl-C in the host's terminal reaches the plugin too and is ignored, because the
 * host decides (go-plugin server.go, Serve); SIGTERM ends it, with its socket removed first.
 */
export function handleEndSignals(onTerminate: () => void): void {
  process.on('SIGINT', () => undefined);
  process.once('SIGTERM', () => {
    onTerminate();
    // The default action, so that the status tells the signal, unless the program has its own handler.
    if (process.listenerCount('SIGTERM') === 0) process.kill(process.pid, 'SIGTERM');
  });
}
