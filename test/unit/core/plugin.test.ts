import { expect } from 'chai';
import {
  defineRouter,
  FILES,
  hiddenStates,
  inject,
  logits,
  metric,
  model,
  router,
  scorer,
  type HiddenStates,
  type Logits,
  type Router,
} from '../../../core/index.js';
import { getPluginMark, PLUGIN_API } from '../../../core/plugin.js';
import { createInstance } from '../../support/instance.js';

const about = { name: 'made', summary: 'Made for a test' };

class ReadsLogits implements Router<{ logits: Logits }> {
  readonly score = ({ signals }: { signals: { logits: Logits } }): number => signals.logits[0] ?? 0;
}
class ReadsHiddenStates implements Router<{ hiddenStates: HiddenStates }> {
  readonly score = (input: { signals: { hiddenStates: HiddenStates } }): number =>
    input.signals.hiddenStates.dim;
}
class NotAPlugin {}

describe('a decorator', () => {
  it('marks a class with its kind, its definition and the API version', () => {
    class Marked extends ReadsLogits {}
    router({ ...about, needs: [logits()] })(Marked);
    const mark = getPluginMark(Marked);
    expect([mark?.kind, mark?.api, mark?.definition.name]).to.deep.equal([
      'router',
      PLUGIN_API,
      'made',
    ]);
    expect(getPluginMark(NotAPlugin)).to.equal(undefined);
  });

  it('does not compile on a class that breaks the contract of its kind', () => {
    const grades = { scale: [0, 1] } as const;
    const range = { better: 'higher', range: [0, 1], needs: 'confidence' } as const;
    // @ts-expect-error a scorer has `grade`
    scorer({ ...about, ...grades })(class extends NotAPlugin {});
    // @ts-expect-error a metric has `measure`
    metric({ ...about, ...range })(class extends NotAPlugin {});
    // @ts-expect-error a scorer has a scale
    scorer({ ...about });
  });

  it('does not compile on a router that reads a signal it does not need', () => {
    class Marked extends ReadsHiddenStates {}
    // @ts-expect-error the router reads hidden states
    router({ ...about, needs: [logits()] })(Marked);
    router({ ...about, needs: [logits(), hiddenStates()] })(class extends ReadsHiddenStates {});
    // @ts-expect-error the router reads hidden states
    defineRouter({ ...about, needs: [logits()] }, () => new ReadsHiddenStates());
    const Defined = defineRouter(
      { ...about, needs: [hiddenStates()] },
      () => new ReadsHiddenStates(),
    );
    expect(getPluginMark(Defined)?.kind).to.equal('router');
  });
});

describe('an instance', () => {
  it('of a router gets no files', () => {
    class ReadsFiles extends ReadsLogits {
      constructor(readonly files: object) {
        super();
      }
    }
    inject(FILES)(ReadsFiles, undefined, 0);
    router({ ...about, needs: [logits()] })(ReadsFiles);
    expect(() => createInstance('router', ReadsFiles)).to.throw('RXB2106');
  });

  it('of a model without `info` is refused with the name it had in version 0.1', () => {
    class OldModel {
      readonly card = (): object => ({ name: 'old', fingerprint: 'f', can: [] });
    }
    model(about)(OldModel as never);
    expect(() => createInstance('model', OldModel)).to.throw(
      /^RXB2106 The model plugin "made" breaks its contract: it has no method `info` \(version 0\.1 called it `card`\)/,
    );
  });
});
