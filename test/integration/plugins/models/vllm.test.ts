import { expect } from 'chai';
import { Vllm } from '../../../../plugins/models/vllm.js';
import { createInstance } from '../../../support/instance.js';

describe('vllm', () => {
  it('shows what it runs: model, ports, GPUs, arguments; secrets only by the name of their variable', () => {
    const vllm = createInstance('model', Vllm, {
      model: 'llama',
      weights: 'meta-llama/Llama-3.1-8B-Instruct',
      servers: [
        { port: 8001, gpus: [0, 1] },
        { port: 8002, gpus: ['GPU-1a'] },
      ],
      args: ['--max-model-len', '4096', '--chat-template', "it's.jinja"],
      env: { HF_TOKEN: { env: 'PATH' }, HF_HOME: '/data/hf' },
      apiKey: { env: 'HOME' },
    });
    const environment =
      'VLLM_API_KEY="$HOME" HF_TOKEN="$PATH" HF_HOME=/data/hf vllm serve meta-llama/Llama-3.1-8B-Instruct --served-model-name llama --host 127.0.0.1 --port';
    const rest = "--max-model-len 4096 --chat-template 'it'\\''s.jinja'";
    expect(vllm.serving?.commands()).to.deep.equal([
      `CUDA_VISIBLE_DEVICES=0,1 ${environment} 8001 --tensor-parallel-size 2 ${rest}`,
      `CUDA_VISIBLE_DEVICES=GPU-1a ${environment} 8002 ${rest}`,
    ]);
  });

  it('shows the arguments for hidden states', () => {
    const vllm = createInstance('model', Vllm, {
      model: 'llama',
      port: 8003,
      hiddenStates: { depth: 2, dim: 8, folder: '/dev/shm/states' },
    });
    expect(vllm.serving?.commands()).to.deep.equal([
      'vllm serve llama --host 127.0.0.1 --port 8003' +
        ` --speculative-config '{"method":"extract_hidden_states","num_speculative_tokens":1,"draft_model_config":{"hf_config":{"eagle_aux_hidden_state_layer_ids":[0,1,2]}}}'` +
        ` --kv-transfer-config '{"kv_connector":"ExampleHiddenStatesConnector","kv_role":"kv_producer","kv_connector_extra_config":{"shared_storage_path":"/dev/shm/states/8003"}}'` +
        ' --no-enable-chunked-prefill',
    ]);
  });

  it('rejects arguments that options set, two servers on one port, and a plain key', () => {
    const getProblem = (options: object): string => {
      try {
        createInstance('model', Vllm, { model: 'm', ...options });
        return 'none';
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(getProblem({ args: ['--port=9'] })).to.include(
      '--port is set by the harness: use `port` or `servers`',
    );
    expect(getProblem({ args: ['--served_model_name', 'x'] })).to.include('use `model`');
    expect(getProblem({ servers: [{ port: 1 }, { port: 1 }] })).to.include('a port of its own');
    expect(getProblem({ servers: [{ port: 1 }], gpus: [0] })).to.include(
      'each of `servers` names its own GPUs',
    );
    expect(
      getProblem({ args: ['--kv-transfer-config', '{}'], hiddenStates: { depth: 2, dim: 8 } }),
    ).to.include('use `hiddenStates`');
    expect(getProblem({ args: ['--kv-transfer-config', '{}'] })).to.equal('none');
    expect(getProblem({ apiKey: 'sk-1' })).to.include('a secret is never written here');
    expect(getProblem({ args: ['--max-model-len', '4096', '-tp', '2'] })).to.equal('none');
  });

  it('has a fingerprint of weights and arguments, not of where and on what it runs', async () => {
    const getFingerprint = async (options: object): Promise<string> => {
      const vllm = createInstance('model', Vllm, { model: 'm', ...options });
      const { fingerprint } = await vllm.info();
      await vllm.close?.();
      return fingerprint;
    };
    const plain = await getFingerprint({});
    for (const same of [
      { port: 9 },
      { gpus: [1] },
      { command: 'other' },
      { env: { A: 'b' } },
      { startSeconds: 3 },
    ])
      expect(await getFingerprint(same)).to.equal(plain);
    for (const other of [{ weights: 'w' }, { args: ['--quantization', 'fp8'] }])
      expect(await getFingerprint(other)).not.to.equal(plain);
  });
});
