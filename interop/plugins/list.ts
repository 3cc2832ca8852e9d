// A selector for hosts of the contract as later changed: the reply is an ordered list.
import { serveSelector } from '@smtp-router/selector';
import { rotation } from './rotation.ts';

await serveSelector({ select: rotation(), v1Reply: 'list' });
