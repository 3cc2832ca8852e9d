// A selector for hosts of the contract as later changed: the reply is an ordered list.
import { serveSelector } from '@smtp-router/selector';
import { rotation } from './rotation.ts';

// The transport of version 2 is none of version 1.
const transport = process.argv[2] === 'grpc' ? 'grpc' : 'netrpc';

await serveSelector({ select: rotation(), v1Reply: 'list', transport });
