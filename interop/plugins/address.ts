// A selector for hosts of the contract as first written: the reply is one address.
import { serveSelector } from '@smtp-router/selector';
import { rotation } from './rotation.ts';

await serveSelector({ select: rotation(), v1Reply: 'address' });
