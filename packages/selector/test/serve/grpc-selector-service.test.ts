import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { SelectRequest } from '../../src/contract/index.ts';
import { SelectorError } from '../../src/errors.ts';
import { createGrpcSelectorService } from '../../src/serve/grpc-selector-service.ts';
import {
  createSelectorServiceV2,
  type SelectorServiceV2Options,
} from '../../src/serve/selector-service-v2.ts';
import { requestFor } from '../../src/testing/index.ts';
import {
  CONFIGURE_REPLY_V2,
  CONFIGURE_REQUEST_V2,
  DESCRIBE_REPLY_V2,
  DESCRIBE_REQUEST_V2,
  decodeDescriptionV2,
  decodeProblemsV2,
  decodeSelectReplyV2,
  encodeConfigurationV2,
  encodeSelectRequestV2,
  SELECT_REPLY_V2,
  SELECT_REQUEST_V2,
} from '../../src/wire/index.ts';
import { ProtobufCodec } from '../../src/wire/v2/protobuf.ts';
import { fuzzRuns } from '../fuzz-runs.ts';

const codec = new ProtobufCodec();
const CALL = { signal: new AbortController().signal, timeoutMs: 1000 };
const REQUEST = requestFor({ to: ['a@example.com'], downstreams: ['one', 'two'], more: { timeoutMs: 7 } });

function serve(options: Partial<SelectorServiceV2Options> = {}) {
  const description = { name: 'mine', version: '1', headers: ['x-tag'] };
  const service = createGrpcSelectorService(
    createSelectorServiceV2({ description, select: () => ['two'], ...options }),
  );
  return async (method: string, request: Uint8Array): Promise<Uint8Array> => {
    const answer = service.methods[method];
    assert.ok(answer, method);
    return answer(request, CALL);
  };
}

function encoded(request: SelectRequest): Uint8Array {
  const facts = { headers: request.message.headers, timeoutMs: request.timeoutMs };
  return codec.encode(SELECT_REQUEST_V2, encodeSelectRequestV2(request, facts));
}

/** A reply as a host reads it. */
function read(type: Parameters<ProtobufCodec['decode']>[0], bytes: Uint8Array): unknown {
  const decoded = codec.decode(type, bytes);
  assert.equal(decoded.kind, 'message');
  return decoded.kind === 'message' ? decoded.value : undefined;
}

describe('The service of generation 2 over gRPC', () => {
  it('has the name and the methods of selector.proto', () => {
    const service = createGrpcSelectorService(
      createSelectorServiceV2({ description: { name: '', version: '', headers: [] }, select: () => [] }),
    );
    assert.equal(service.name, 'smtp_router.selector.v2.Selector');
    assert.deepEqual(Object.keys(service.methods), ['Describe', 'Configure', 'Select']);
  });

  it('describes itself, is configured and decides', async () => {
    const seen: unknown[] = [];
    const ask = serve({
      configure(config) {
        seen.push(config);
        return [{ path: 'a', message: 'is odd' }];
      },
      select(request) {
        seen.push(request);
        return { kind: 'route', routes: [{ recipientIds: [0], candidateIds: ['two'] }], reason: 'so' };
      },
    });
    const described = await ask('Describe', codec.encode(DESCRIBE_REQUEST_V2, { ContractVersion: 2 }));
    assert.deepEqual(decodeDescriptionV2(read(DESCRIBE_REPLY_V2, described), 'mine'), {
      name: 'mine',
      version: '1',
      headers: ['x-tag'],
    });
    const configuration = encodeConfigurationV2({ selector: 'mine', configJson: '{"a":1}' });
    const configured = await ask('Configure', codec.encode(CONFIGURE_REQUEST_V2, configuration));
    assert.deepEqual(decodeProblemsV2(read(CONFIGURE_REPLY_V2, configured), 'mine'), [
      { path: 'a', message: 'is odd' },
    ]);
    const selected = await ask('Select', encoded(REQUEST));
    assert.deepEqual(decodeSelectReplyV2(read(SELECT_REPLY_V2, selected), 'mine'), {
      kind: 'route',
      routes: [{ recipientIds: [0], candidateIds: ['two'] }],
      reason: 'so',
    });
    assert.deepEqual(seen, [{ a: 1 }, REQUEST]);
  });

  it('fails a call by what the author threw, and for an unknown downstream', async () => {
    const thrown = new Error('database is away');
    const throws = serve({
      select() {
        throw thrown;
      },
    });
    await assert.rejects(throws('Select', encoded(REQUEST)), (error) => error === thrown);
    await assert.rejects(serve({ select: () => 'three' })('Select', encoded(REQUEST)), /three/);
  });

  it('answers or fails with an error of ours, whatever the bytes are', async () => {
    const ask = serve();
    const methods = fc.constantFrom('Describe', 'Configure', 'Select');
    const property = fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), methods, async (bytes, method) => {
      try {
        assert.ok((await ask(method, bytes)) instanceof Uint8Array);
      } catch (error) {
        assert.ok(error instanceof SelectorError, String(error));
      }
    });
    await fc.assert(property, { numRuns: fuzzRuns() });
  });
});
