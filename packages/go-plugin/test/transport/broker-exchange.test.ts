import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PluginError } from '../../src/errors.ts';
import type { ConnInfo } from '../../src/grpc/conn-info.ts';
import { BrokerExchange } from '../../src/transport/broker-exchange.ts';
import { ManualClock } from '../fixtures/manual-clock.ts';

const failed = (error: unknown) => error instanceof PluginError && error.code === 'PLUGIN_BROKER_FAILED';
const at = (serviceId: number, address = '/s'): ConnInfo => ({ serviceId, network: 'unix', address });
const knock = (serviceId: number): ConnInfo => ({
  serviceId,
  network: '',
  address: '',
  knock: { isKnock: true, isAck: false, error: '' },
});

function exchange() {
  const clock = new ManualClock();
  const sent: ConnInfo[] = [];
  const subject = new BrokerExchange({ timeoutMs: 5000, clock, send: (info) => sent.push(info) });
  return { clock, sent, subject };
}

describe('The exchange of two gRPC brokers', () => {
  it('matches announcements with those who wait for them, whoever comes first', async () => {
    const { subject, clock } = exchange();
    const waiting = subject.expect(1, 5000);
    subject.receive(at(2));
    subject.receive(at(1));
    assert.equal((await waiting).serviceId, 1);
    assert.equal((await subject.expect(2, 5000)).serviceId, 2);
    assert.equal(clock.pendingTimers, 0);
  });

  it('drops both sides that waited alone for 5 seconds', async () => {
    const { subject, clock } = exchange();
    const rejected = assert.rejects(subject.expect(1, 5000), failed);
    subject.receive(at(2));
    await clock.advance(5000);
    await rejected;
    const late = assert.rejects(subject.expect(2, 5000), failed);
    await clock.advance(5000);
    await late;
    assert.equal(clock.pendingTimers, 0);
  });

  it('answers a knock for a number nobody serves by an error text, one for another by opening', () => {
    const { subject, sent } = exchange();
    subject.receive(knock(7));
    subject.onKnock = () => '';
    subject.receive(knock(8));
    assert.deepEqual(
      sent.map((info) => [info.serviceId, info.knock?.isAck, info.knock?.error]),
      [
        [7, true, 'no listener for id 7'],
        [8, true, ''],
      ],
    );
  });

  it('keeps a bounded number of announcements, the first of each number', async () => {
    const { subject, clock } = exchange();
    for (let id = 1; id <= 5000; id += 1) subject.receive(at(id));
    assert.equal(clock.pendingTimers, 1024);
    subject.receive(at(1, '/other'));
    assert.equal((await subject.expect(1, 5000)).address, '/s');
  });

  it('ends those who wait with the connection', async () => {
    const { subject, clock } = exchange();
    const waiting = subject.expect(1, 5000);
    subject.receive(at(2));
    subject.close(new PluginError('PLUGIN_CLOSED', 'closed'));
    await assert.rejects(waiting, /closed/);
    await assert.rejects(subject.expect(3, 5000), /closed/);
    subject.receive(at(4));
    assert.equal(clock.pendingTimers, 0);
  });
});
