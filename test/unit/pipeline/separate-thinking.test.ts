import { expect } from 'chai';
import { separateText, separateThinking } from '../../../pipeline/separate-thinking.js';

describe('the step that takes thinking apart', () => {
  const answered: readonly (readonly [string, string])[] = [
    ['DeepSeek and Qwen', '<think>\nA? No.\n</think>\n\nC'],
    ['the opening tag in the chat template', 'A? No.\n</think>\n\nC'],
    ['other words', '<thinking>A? No.</thinking>C'],
    ['EXAONE', '<thought>\nA? No.\n</thought>\nC'],
    ['upper case', '<THINK>A? No.</THINK> C'],
    ['attributes', '<think duration="3">A? No.</think>C'],
    ['a namespace', '<seed:think>A? No.</seed:think>C'],
    ['escaped tags', '&lt;think&gt;A? No.&lt;/think&gt;C'],
    ['Magistral', '[THINK]A? No.[/THINK]C'],
    ['Kimi', '◁think▷A? No.◁/think▷C'],
    ['Cohere', '<|START_THINKING|>A? No.<|END_THINKING|><|START_RESPONSE|>C<|END_RESPONSE|>'],
    [
      'OpenThoughts',
      '<|begin_of_thought|>\nA? No.\n<|end_of_thought|>\n\n<|begin_of_solution|>C<|end_of_solution|>',
    ],
    ['Gemma', '<|channel>thought\nA? No.<channel|>C'],
    ['Granite', 'Here is my thought process: A? No.\nHere is my response: C'],
    ['an answer in tags', '<think>A? No.</think>\n<answer>\nC\n</answer>'],
    [
      'harmony',
      '<|channel|>analysis<|message|>A? No.<|end|><|start|>assistant<|channel|>final<|message|>C<|return|>',
    ],
    [
      'harmony from its first token',
      '<|start|>assistant<|channel|>analysis<|message|>A? No.<|end|><|start|>assistant<|channel|>final<|message|>C',
    ],
    [
      'harmony whose first token the template gave',
      'analysis<|message|>A? No.<|end|><|start|>assistant<|channel|>final<|message|>C',
    ],
    ['harmony without special tokens', 'analysisA? No.assistantfinalC'],
  ];
  for (const [name, text] of answered)
    it(`reads ${name}`, () => {
      expect(separateText(text)).to.deep.equal({ text: 'C', thinking: 'A? No.' });
    });

  const cutOff: readonly (readonly [string, string])[] = [
    ['an open tag', '<think>\nThe answer is C? I should'],
    ['a closing tag that is not complete', '<think>The answer is C? I should</thi'],
    ['Magistral', '[THINK]The answer is C? I should'],
    ['harmony', '<|channel|>analysis<|message|>The answer is C? I should'],
    ['harmony whose first token the template gave', 'analysis<|message|>The answer is C? I should'],
    ['harmony without special tokens', 'analysisThe answer is C? I should'],
    ['Granite', "Here's my thought process: The answer is C? I should"],
  ];
  for (const [name, text] of cutOff)
    it(`finds no answer in a thought that was cut off: ${name}`, () => {
      const { text: answer, thinking } = separateText(text);
      expect(answer).to.equal('');
      expect(thinking).to.match(/^The answer is C\? I should/);
    });

  it('reads what follows the last of several thoughts', () => {
    expect(separateText('<think>A</think>B?<think>no</think>C').text).to.equal('C');
    expect(separateText('<think>A<think>B</think>D?</think>C').text).to.equal('C');
    expect(separateText('<think>A</think>C<think>or should I')).to.deep.equal({
      text: 'C',
      thinking: 'A\n\nor should I',
    });
  });

  it('has no thought where the tags are empty', () => {
    expect(separateText('<think>\n\n</think>\n\nC')).to.deep.equal({ text: 'C' });
  });

  it('leaves other texts as they are', () => {
    for (const text of [
      'C',
      '',
      '  two\n\nlines ',
      'I think that the answer is C.',
      'The tag `</think>` ends a thought.',
      'analysis of variance',
      'f(x) < think > 3',
      '<answer>C</answer>',
    ])
      expect(separateText(text)).to.deep.equal({ text });
  });

  it('changes nothing of what it has taken apart', () => {
    for (const [, text] of [...answered, ...cutOff]) {
      const once = separateThinking({ text });
      expect(separateThinking(once)).to.deep.equal(once);
    }
  });

  it('keeps thoughts that the server took apart before those in the text', () => {
    expect(
      separateThinking({ text: '<think>second</think>C', thinking: 'first', finish: 'stop' }),
    ).to.deep.equal({ text: 'C', thinking: 'first\n\nsecond', finish: 'stop' });
    expect(separateThinking({ text: 'C', thinking: 'first' })).to.deep.equal({
      text: 'C',
      thinking: 'first',
    });
  });

  it('takes a text of a megabyte apart in less than a second', () => {
    for (const part of [
      '<think>',
      '</think>',
      '<',
      '<|channel|>',
      '<|channel|>analysis<|message|>',
      '&lt;',
      '<|',
      ' ',
      'Here is my response:',
      '<think ',
      '<answer>',
    ]) {
      const text = `analysisA${part.repeat(Math.ceil(2 ** 20 / part.length))}`;
      for (const hostile of [text, text.slice(9), `<think></think><answer>${text}`]) {
        // of this process: a busy machine only adds time
        const before = process.cpuUsage();
        separateText(hostile);
        const { user, system } = process.cpuUsage(before);
        expect((user + system) / 1000, part).to.be.below(1000);
      }
    }
  });
});
