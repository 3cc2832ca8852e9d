// A selector for hosts of the contract as first written: the reply is one address.
import { serveSelector } from '@smtp-router/selector';
import { rotation } from './rotation.ts';

// The transport of version 2 is none of version 1.
const transport = process.argv[2] === 'grpc' ? 'grpc' : 'netrpc';

await serveSelector({ select: rotation(), v1Reply: 'address', transport });
