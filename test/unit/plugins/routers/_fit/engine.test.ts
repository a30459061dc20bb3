import { expect } from 'chai';
import { engineReport, loadEngine } from '../../../../../plugins/routers/_fit/engine.js';

describe('the TensorFlow.js engine', () => {
  it('multiplies matrices and differentiates', async () => {
    const { tf } = await loadEngine();
    const a = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    expect([...(await tf.matMul(a, a).data())]).to.deep.equal([7, 10, 15, 22]);
    expect([
      ...(await tf
        .grad((x) => tf.sum(tf.square(x)))(a)
        .data()),
    ]).to.deep.equal([2, 4, 6, 8]);
  });

  it('is loaded once', async () => {
    expect(await loadEngine()).to.equal(await loadEngine());
  });

  it('reports the engine in use last, after those that did not load, with the reason', async () => {
    const { name } = await loadEngine();
    const report = await engineReport();
    expect(report.at(-1)).to.deep.equal({ name, problem: null });
    for (const { problem } of report.slice(0, -1))
      expect(problem).to.be.a('string').and.not.equal('');
  });
});
