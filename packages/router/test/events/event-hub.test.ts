import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventHub } from '../../src/events/event-hub.ts';
import type { RouterEvent } from '../../src/events/router-event.ts';

class CountingSink {
  count = 0;
  emit(): void {
    this.count += 1;
  }
}

const event: RouterEvent = { kind: 'router-state-changed', state: 'serving' };

test('every subscriber hears an event once, in the order of subscription', () => {
  const hub = new EventHub();
  const heard: string[] = [];
  hub.subscribe({ emit: (e) => heard.push(`a ${e.kind}`) });
  hub.subscribe({ emit: (e) => heard.push(`b ${e.kind}`) });
  hub.emit(event);
  assert.deepEqual(heard, ['a router-state-changed', 'b router-state-changed']);
});

test('a sink that throws harms neither the emitter nor other sinks and is counted', () => {
  const hub = new EventHub();
  const heard = new CountingSink();
  hub.subscribe({
    emit() {
      throw new Error('broken sink');
    },
  });
  hub.subscribe(heard);
  hub.emit(event);
  hub.emit(event);
  assert.equal(heard.count, 2);
  assert.equal(hub.failures, 2);
});

test('an unsubscribed sink hears nothing more, and leaving twice removes nobody else', () => {
  const hub = new EventHub();
  const first = new CountingSink();
  const second = new CountingSink();
  const leave = hub.subscribe(first);
  hub.subscribe(second);
  leave();
  leave();
  hub.emit(event);
  assert.deepEqual([first.count, second.count], [0, 1]);
});

test('the same sink subscribed twice is two subscriptions', () => {
  const hub = new EventHub();
  const sink = new CountingSink();
  const leave = hub.subscribe(sink);
  hub.subscribe(sink);
  hub.emit(event);
  leave();
  hub.emit(event);
  assert.equal(sink.count, 3);
});

test('a sink that leaves or brings another while it is called disturbs nobody', () => {
  const hub = new EventHub();
  const heard: string[] = [];
  const leave = hub.subscribe({
    emit() {
      heard.push('leaver');
      leave();
      hub.subscribe({ emit: () => heard.push('newcomer') });
    },
  });
  hub.subscribe({ emit: () => heard.push('other') });
  hub.emit(event);
  assert.deepEqual(heard, ['leaver', 'other']);
  hub.emit(event);
  assert.deepEqual(heard, ['leaver', 'other', 'other', 'newcomer']);
});
