import { Svm } from '../../../../plugins/routers/svm.js';
import { createInstance } from '../../../support/instance.js';
import { type EmbeddingRouter } from '../../../support/embedding-rows.js';
import { linearTests } from '../../../support/linear-behaviour.js';

describe('svm', () => {
  linearTests(
    'svm',
    (options = {}) => createInstance('router', Svm, options) as unknown as EmbeddingRouter,
  );
});
