import type { RouterEvent } from './router-event.ts';

/** Where a room reports. Never blocks, never throws. */
export interface EventSink {
  emit(event: RouterEvent): void;
}
