import { expect } from 'chai';
import type {
  Completion,
  GenerateSettings,
  ModelContext,
  ModelInfo,
  ModelPrompt,
  Outcome,
  PromptState,
} from '../../../../core/contracts.js';
import { entailment, logits, model, reply, router, samples } from '../../../../core/index.js';
import { openContext } from '../../../../pipeline/open-context.js';
import { dryRun } from '../../../../pipeline/stages/dry-run.js';
import { prepare } from '../../../../pipeline/stages/prepare.js';
import { Exact } from '../../../../plugins/scorers/exact.js';
import { onStage, type StagePlan } from '../../../support/stage-plan.js';
import { getText, says, Sums } from '../../../support/sums.js';
import { rejection } from '../../../support/temporary.js';

const USAGE = { prompt: 4, completion: 1 };

/** A model at a server that counts the prompts it is asked. */
abstract class Remote {
  static asked: string[] = [];
  abstract readonly side: string;
  readonly info = async (): Promise<ModelInfo> => ({
    name: `remote-${this.side}`,
    fingerprint: `remote-${this.side}`,
    can: ['generate', 'logits'],
    vocabulary: 2,
    remote: { concurrency: 8 },
  });
  readonly generate = async (
    prompts: readonly ModelPrompt[],
    { n = 1, temperature }: GenerateSettings,
    context: ModelContext,
  ): Promise<readonly Outcome<readonly Completion[]>[]> =>
    await Promise.all(
      prompts.map(async (prompt): Promise<Outcome<readonly Completion[]>> => {
        await context.admit?.();
        const text = getText(prompt);
        Remote.asked.push(`${this.side} ${temperature} ${text}`);
        context.advance(1);
        const texts = Array.from({ length: n }, (_, i) => says(`${i} to ${text}`));
        return {
          ok: true,
          value: texts.flatMap((outcome) => (outcome.ok ? outcome.value : [])),
          call: {
            requestedModel: this.side,
            servedModel: this.side,
            usage: USAGE,
            latencyMs: 1,
            requests: 1,
          },
        };
      }),
    );
  readonly read = async (
    prompts: readonly ModelPrompt[],
    _wanted: object,
    context: ModelContext,
  ): Promise<readonly Outcome<PromptState>[]> =>
    await Promise.all(
      prompts.map(async (prompt): Promise<Outcome<PromptState>> => {
        await context.admit?.();
        Remote.asked.push(`${this.side} read ${getText(prompt)}`);
        context.advance(1);
        return { ok: true, value: { logits: Float32Array.of(1, 2) } };
      }),
    );
}

@model({ name: 'remote-weak', summary: 'Weak model at a server' })
class RemoteWeak extends Remote {
  readonly side = 'weak';
}

@model({ name: 'remote-strong', summary: 'Strong model at a server' })
class RemoteStrong extends Remote {
  readonly side = 'strong';
}

const drawn = samples({ n: 3, temperature: 1, maxTokens: 8, seed: 1 });

/** Asks for signals of several kinds. */
@router({
  name: 'curious',
  summary: 'Asks for much',
  needs: [
    logits(),
    drawn,
    reply({ template: 'Rate {query}', maxTokens: 4, temperature: 0 }),
    entailment({ of: drawn, template: '{query} {first} {second}' }),
  ],
})
class Curious {
  readonly score = (): number => 0;
}

const PLAN: StagePlan = {
  models: { weak: RemoteWeak, strong: RemoteStrong },
  datasets: [{ plugin: Sums, scorers: [Exact] }],
  routers: [Curious],
  config: {
    prices: {
      date: '2026-11-01',
      models: { weak: { input: 1000, output: 1000 }, strong: { input: 1000, output: 1000 } },
    },
  },
};
const COST = 0.005; // of one call, in dollars

describe('models that cost something', () => {
  beforeEach(() => {
    Remote.asked = [];
  });

  it('are asked as often as the dry run says, and a dry run asks nothing', async () => {
    await onStage(PLAN, async (context) => {
      const lines = await dryRun(context);
      expect(Remote.asked).to.deep.equal([]);
      const calls = Object.fromEntries(
        lines.map(({ model: name, what, calls: count }) => [`${name} ${what}`, count]),
      );
      expect(calls).to.deep.equal({
        'weak answers sums/test': 40,
        'strong answers sums/test': 40,
        'weak logits sums/test': 40,
        'weak samples sums/test': 40,
        'weak reply sums/test': 40,
        'weak entailment sums/test': 40 * 3 * 2,
      });
      await prepare(context);
      expect(Remote.asked).to.have.length(5 * 40 + 40 * 3 * 2);
      for (const line of await dryRun(context)) expect(line.calls, line.what).to.equal(0);
    });
  });

  it('are asked no prompt twice, not even where the artifacts are gone', async () => {
    await onStage(PLAN, async (context) => {
      await prepare(context);
      const before = Remote.asked.length;
      expect(new Set(Remote.asked).size).to.equal(before);
      const elsewhere = { ...context, results: `${context.results}-2` };
      await prepare(elsewhere);
      expect(Remote.asked).to.have.length(before);
      for (const line of await dryRun({ ...context, results: `${context.results}-3` }))
        expect([line.calls, line.cached > 0], line.what).to.deep.equal(
          line.what.startsWith('entailment') ? [240, false] : [0, true],
        );
    });
  });

  it('are not asked offline', async () => {
    await onStage(
      PLAN,
      async (context) => {
        expect(await rejection(prepare(context))).to.have.property('code', 'RXB4114');
        expect(Remote.asked).to.deep.equal([]);
      },
      { offline: true },
    );
  });

  it('are asked within the budget, and a later call goes on with what was paid', async () => {
    const budgetUsd = 20.5 * COST;
    await onStage(
      PLAN,
      async (context, folder) => {
        expect(await rejection(prepare(context))).to.have.property('code', 'RXB4111');
        const paid = Remote.asked.length;
        expect(paid * COST).to.be.within(budgetUsd / 2, budgetUsd + COST);
        await context.spend.cache.close();
        const project = { ...context.plan.project, folder };
        const resumed = openContext(project, context.plan);
        await prepare(resumed);
        expect(new Set(Remote.asked).size, 'no prompt is paid for twice').to.equal(
          Remote.asked.length,
        );
        expect(Remote.asked).to.have.length(5 * 40 + 40 * 3 * 2);
        await resumed.spend.cache.close();
      },
      { budgetUsd },
    );
  });
});
