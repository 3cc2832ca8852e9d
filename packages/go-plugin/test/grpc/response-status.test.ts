import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  isGrpcContentType,
  readStatus,
  refuseResponse,
  statusOfReset,
} from '../../src/grpc/response-status.ts';

test('status OK is no error', () => {
  assert.equal(readStatus({ 'grpc-status': '0', 'grpc-message': 'ignored' }), undefined);
});

for (const [fields, status, message] of [
  [{ 'grpc-status': '5', 'grpc-message': 'not%20there' }, 5, 'not there'],
  [{ 'grpc-status': '12' }, 12, ''],
  [{ 'grpc-status': '99' }, 99, ''],
  [{}, 2, 'the response ended without a gRPC status'],
  [{ 'grpc-status': '-1' }, 2, 'the response ended without a gRPC status'],
  [{ 'grpc-status': ['0', '0'] }, 2, 'the response ended without a gRPC status'],
  [{ 'grpc-status': '' }, 2, 'the response ended without a gRPC status'],
] as const) {
  test(`${JSON.stringify(fields)} is status ${status}`, () => {
    const error = readStatus(fields);
    assert.deepEqual([error?.status, error?.message], [status, message]);
  });
}

for (const [headers, status] of [
  [{ ':status': 200, 'content-type': 'application/grpc' }, undefined],
  [{ ':status': 200, 'content-type': 'application/grpc+proto' }, undefined],
  [{ ':status': 200, 'content-type': 'text/html' }, 2],
  [{ ':status': 200 }, 2],
  [{ ':status': 404, 'content-type': 'text/html' }, 12],
  [{ ':status': 503 }, 14],
  [{ ':status': 418 }, 2],
] as const) {
  test(`a response with ${JSON.stringify(headers)} is ${status === undefined ? 'gRPC' : `status ${status}`}`, () => {
    assert.equal(refuseResponse(headers)?.status, status);
  });
}

test('resets of the peer are told by their meaning (gRPC over HTTP/2, Errors)', () => {
  assert.deepEqual(
    [0, 2, 7, 8, 11, 12, 255].map((code) => statusOfReset(code).status),
    [13, 13, 14, 1, 8, 7, 13],
  );
});

test('content types of gRPC', () => {
  for (const type of ['application/grpc', 'application/grpc+json', 'Application/gRPC;charset=x']) {
    assert.ok(isGrpcContentType(type));
  }
  for (const type of ['application/grpc-web', 'application/grpcx', '', 'text/plain']) {
    assert.ok(!isGrpcContentType(type));
  }
});
