import type { EventSink } from './event-sink.ts';
import type { RouterEvent } from './router-event.ts';

/** Ends a subscription; harmless when repeated. */
export type Unsubscribe = () => void;

/** One sink may have several. */
interface Subscription {
  readonly sink: EventSink;
}

/**
 * The one place every room reports to, and every listener (logs, metrics, pages) hears from. A sink
 * that throws harms neither the room that reports nor the other sinks; it is counted in `failures`.
 * Who subscribes or leaves during an event is heard from the next event on.
 */
export class EventHub implements EventSink {
  /** Replaced, never changed, so that a running `emit` keeps its own list. */
  #subscriptions: readonly Subscription[] = [];
  #failures = 0;

  /** Calls of sinks that threw since the start. */
  get failures(): number {
    return this.#failures;
  }

  subscribe(sink: EventSink): Unsubscribe {
    const subscription: Subscription = { sink };
    this.#subscriptions = [...this.#subscriptions, subscription];
    return () => {
      this.#subscriptions = this.#subscriptions.filter((other) => other !== subscription);
    };
  }

  emit(event: RouterEvent): void {
    for (const { sink } of this.#subscriptions) {
      try {
        sink.emit(event);
      } catch {
        this.#failures += 1;
      }
    }
  }
}
