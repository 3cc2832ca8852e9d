import type { RouterEvent } from '../events/router-event.ts';
import { isPassedOver } from '../message/outcome.ts';

/** How much a line matters, the least first. */
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';

const WEIGHTS: Readonly<Record<LogLevel, number>> = { trace: 0, debug: 1, info: 2, warn: 3, error: 4 };

/** Whether a line of one level is written when the least level wanted is another. */
export function isLogged(level: LogLevel, least: LogLevel): boolean {
  return WEIGHTS[level] >= WEIGHTS[least];
}

/** How much an event matters; known before any work for its line is done. */
export function logLevelOf(event: RouterEvent): LogLevel {
  switch (event.kind) {
    case 'session-opened':
    case 'session-closed':
    case 'selection-ended':
    case 'attempt-ended':
      return 'debug';
    case 'message-ended':
      return event.result === 'relayed' || event.result === 'spooled' ? 'info' : 'warn';
    case 'spooled-message-tried':
      return event.failed > 0 || event.held > 0 ? 'warn' : 'info';
    case 'authentication-ended':
      return event.isAccepted ? 'debug' : 'warn';
    case 'protocol-fault':
    case 'router-state-changed':
      return 'info';
    case 'plugin-swapped':
      return 'info';
    case 'plugin-swap-failed':
      return 'error';
    case 'plugin-warning':
    case 'session-refused':
    case 'signature-broken':
      return 'warn';
    case 'failed-over':
      return isPassedOver(event.errorCode) && event.to !== undefined ? 'info' : 'warn';
    case 'certificate-changed':
      return event.message === undefined ? 'info' : 'error';
    case 'secret-changed':
      return event.problem === undefined ? 'info' : 'warn';
    case 'downstream-state-changed':
      return event.state === 'up' ? 'info' : event.state === 'down' ? 'error' : 'warn';
    case 'plugin-state-changed':
      return event.state === 'failed' || event.state === 'restarting' ? 'error' : 'info';
    case 'plugin-output':
      return event.level;
    case 'listener-fault':
    case 'storage-fault':
    case 'spool-fault':
    case 'internal-fault':
      return 'error';
  }
}
