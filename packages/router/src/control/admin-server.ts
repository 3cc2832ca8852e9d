/** The admin address: health checks and metrics for monitors, on loopback. */
import type { HealthReport } from '../telemetry/health.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { type HttpHandler, HttpServer } from './http-server.ts';

export interface AdminServerOptions {
  readonly host: string;
  readonly port: number;
  /** `/healthz`: is the process alive? */
  liveness(): Promise<HealthReport>;
  /** `/readyz`: should mail be sent here? */
  readiness(): HealthReport;
  /** `/metrics`. */
  readonly metrics: Pick<Metrics, 'contentType' | 'exposition'>;
  onFault(error: unknown): void;
}

/** What browsers and monitors on this machine call us. */
const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];

/** No request here has a body worth reading. */
const MAX_BODY_BYTES = 1024;

/** Not listening yet. */
export function createAdminServer(options: AdminServerOptions): HttpServer {
  const { host, port, metrics } = options;
  const routes = new Map<string, HttpHandler>([
    ['GET /healthz', () => options.liveness()],
    ['GET /readyz', () => options.readiness()],
    [
      'GET /metrics',
      async () => ({ status: 200, body: await metrics.exposition(), contentType: metrics.contentType }),
    ],
  ]);
  const own = host.includes(':') ? `[${host}]` : host;
  return new HttpServer({
    listen: { host, port },
    routes,
    maxBodyBytes: MAX_BODY_BYTES,
    allowedHosts: new Set([...LOOPBACK_NAMES, own.toLowerCase()]),
    onFault: options.onFault,
  });
}
