import { Svm } from '../../../plugins/routers/svm.js';
import { instanceOf } from '../instance.js';
import { type EmbeddingRouter } from './embedding-rows.js';
import { linearTests } from './linear-behaviour.js';

describe('svm', () => {
  linearTests(
    'svm',
    (options = {}) => instanceOf('router', Svm, options) as unknown as EmbeddingRouter,
  );
});
