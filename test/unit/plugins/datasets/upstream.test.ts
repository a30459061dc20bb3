import { expect } from 'chai';
import { choicesIn, upstreamRow } from '../../../../plugins/datasets/_upstream/rows.js';
import { builtIns } from '../../../support/built-ins.js';
import { upstreamFile } from '../../../../plugins/datasets/_upstream/files.js';
import { rejection } from '../../../support/temporary.js';
import { createInstance } from '../../../support/instance.js';

const AT = { file: 'x.jsonl', line: 3 };
const QUESTION =
  'The following is a multiple choice question about High School Physics. Please select the correct answer.\n\nQuestion: What pulls the apple down?\n\nOptions:\nA. gravity,\nmostly\nB. wind\n\nPlease choose the correct answer from A, B.';
const SETS = [
  'alpaca-5k',
  'big-math-5k',
  'mmlu',
  'magpie-5k',
  'math',
  'hotpotqa-500',
  'hotpotqa-4k',
  'numina-cot-5k',
  'mt-bench',
];
const SUBJECTS = [
  'mmlu-pro-biology',
  'mmlu-pro-business',
  'mmlu-pro-chemistry',
  'mmlu-pro-computer-science',
  'mmlu-pro-economics',
  'mmlu-pro-engineering',
  'mmlu-pro-health',
  'mmlu-pro-history',
  'mmlu-pro-law',
  'mmlu-pro-math',
  'mmlu-pro-other',
  'mmlu-pro-philosophy',
  'mmlu-pro-physics',
  'mmlu-pro-psychology',
];

describe('the datasets of the original', () => {
  it('all exist under their names and the names of the original, with each split pinned by a git blob id', async () => {
    const registry = await builtIns();
    for (const name of [...SETS, ...SUBJECTS]) {
      const { definition } = registry.find('dataset', name).mark;
      expect(definition.licence, name).to.not.equal('');
      const pins = [...(definition.source.checksum ?? '').matchAll(/git blob ([0-9a-f]{40})/g)];
      expect(pins.length, name).to.be.at.least(definition.splits.length);
    }
    expect(registry.find('dataset', 'mmlu_pro_law').mark.definition.name).to.equal('mmlu-pro-law');
    expect(registry.find('dataset', 'alpaca_5k_test').mark.definition.name).to.equal('alpaca-5k');
    expect(upstreamFile('mmlu_pro/law_converted.jsonl')).to.deep.include({
      path: 'src/data/mmlu_pro/law_converted.jsonl',
      check: { gitBlob: 'a81cb752b70e7fccce3a94572f812205d3dded3b' },
    });
  });

  it('make rows from instruction and response, with options and domains if the text has them', () => {
    expect(
      upstreamRow({ instruction: QUESTION, response: 'A. gravity' }, 'q-1', AT, 'mmlu'),
    ).to.deep.equal({
      id: 'q-1',
      prompt: QUESTION,
      reference: 'A. gravity',
      domain: 'high-school-physics',
      choices: ['gravity,\nmostly', 'wind'],
    });
    expect(
      upstreamRow(
        { instruction: 'Add.', response: '2', domain: ['Mathematics -> Number Theory -> Sums'] },
        'q',
        AT,
        'mathematics',
      ).domain,
    ).to.equal('number-theory');
    expect(
      upstreamRow(
        { instruction: 'Add.', response: '2', domain: 'Prealgebra' },
        'q',
        AT,
        'mathematics',
      ).domain,
    ).to.equal('prealgebra');
    expect(
      upstreamRow(
        { instruction: 'Who?', response: 'she', metadata: { type: 'bridge' } },
        'q',
        AT,
        'qa',
      ).domain,
    ).to.equal('bridge');
    expect(
      upstreamRow({ instruction: 'Say hello.', response: 'hello' }, 'q', AT, 'instructions').domain,
    ).to.equal('instructions');
    expect(choicesIn('Options: none')).to.equal(undefined);
  });

  it('reject a line without instruction or response', () => {
    for (const record of [
      { response: 'x' },
      { instruction: 'x' },
      { instruction: ' ', response: 'x' },
    ]) {
      expect(() => upstreamRow(record, 'q', AT, 'd')).to.throw(/RXB3002 x\.jsonl:3/);
    }
  });

  it('explain how to get a file by hand if downloads are not allowed', async () => {
    const { MtBench } = await import('../../../../plugins/datasets/mt-bench.js');
    const reading = async (): Promise<void> => {
      for await (const row of createInstance('dataset', MtBench).read('test'))
        expect(row).to.equal(undefined);
    };
    expect((await rejection(reading())).message).to.match(
      /^RXB3106 Cannot download https:\/\/raw\.githubusercontent\.com.*dataDir/,
    );
  });
});
