/** The admin address: health checks and metrics for monitors, on loopback. */
import type { RouterStatus } from './control-message.ts';
import { type HttpHandler, HttpServer } from './http-server.ts';

export interface AdminServerOptions {
  readonly host: string;
  readonly port: number;
  status(): RouterStatus;
  /** Prometheus text format. */
  metrics(): Promise<string>;
  onFault(error: unknown): void;
}

/** What browsers and monitors on this machine call us. */
const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];

/** `/healthz`: the process answers. `/readyz`: it takes mail. `/metrics`: Prometheus. */
export function createAdminServer(options: AdminServerOptions): HttpServer {
  const routes = new Map<string, HttpHandler>([
    ['GET /healthz', () => ({ status: 200, body: { status: 'ok' } })],
    ['GET /readyz', () => readiness(options.status())],
    [
      'GET /metrics',
      async () => ({
        status: 200,
        body: await options.metrics(),
        contentType: 'text/plain; version=0.0.4; charset=utf-8',
      }),
    ],
  ]);
  const own = options.host.includes(':') ? `[${options.host}]` : options.host;
  return new HttpServer({
    listen: { host: options.host, port: options.port },
    routes,
    maxBodyBytes: 1024,
    allowedHosts: new Set([...LOOPBACK_NAMES, own.toLowerCase()]),
    onFault: options.onFault,
  });
}

/** A plugin that is down is named but does not make the router unready: `on_failure` decides meanwhile. */
function readiness(status: RouterStatus): { readonly status: number; readonly body: unknown } {
  const isReady = status.state === 'serving';
  const plugins = Object.fromEntries(status.plugins.map((plugin) => [plugin.name, plugin.state]));
  return {
    status: isReady ? 200 : 503,
    body: { status: isReady ? 'ready' : status.state, listeners: status.listeners.length, plugins },
  };
}
