import { defineErrors } from '../../core/index.js';

/** Errors of model backends. */
export const ModelError = defineErrors({
  unusableModelFolder: {
    code: 'RXB4001',
    message: 'Cannot use model folder {folder}: {problem}',
    fix: 'The folder needs config.json, tokenizer.json and weights in the Hugging Face layout: onnx/model.onnx, or model.safetensors for the backend transformers.',
  },
  deviceUnavailable: {
    code: 'RXB4006',
    message: 'Cannot use the execution provider "{device}": {problem}',
    fix: 'Use device "cpu", or install what the provider needs; `rxb doctor` lists the available providers.',
  },
  promptFailed: {
    code: 'RXB4008',
    message: 'Cannot process the prompt: {problem}.',
    fix: 'Check the prompt in the dataset. The row counts as failed.',
  },
  serverProgramMissing: {
    code: 'RXB4010',
    message: 'Cannot start "{command}" to serve model "{model}": {problem}',
    fix: 'Install vLLM (`pip install vllm`) and activate its environment, or set the option `command` to the program.',
  },
  portInUse: {
    code: 'RXB4011',
    message:
      'Cannot serve model "{model}" at {url}, because something else answers there: {problem}',
    fix: 'Stop the other server, or set another `port` for the model.',
  },
  serverExited: {
    code: 'RXB4012',
    message: 'The server of model "{model}" at {url} exited: {problem}',
    fix: 'See {log}. Fix the cause and run the same command again.',
    exit: 3,
    resumable: true,
  },
  serverNotReady: {
    code: 'RXB4013',
    message: 'The server of model "{model}" at {url} was not ready within {seconds} s: {problem}',
    fix: 'See {log}. Raise `startSeconds` if the server only needs more time (to download weights, for example), or fix the cause. Then run the same command again.',
    exit: 3,
    resumable: true,
  },
  hiddenStatesOutsideFolder: {
    code: 'RXB4015',
    message: 'Model "{model}" returned the hidden states file {path}, which is outside {folder}.',
    fix: 'Set `hiddenStates.folder` to the folder that the server writes to (`shared_storage_path`). Files outside it are never read or removed.',
  },
  hiddenStatesFolderInUse: {
    code: 'RXB4025',
    message:
      'The folder {folder} cannot be used for hidden states: it contains {foreign}, which no server of hidden states has written.',
    fix: 'Set `hiddenStates.folder` to a folder of its own: files of hidden states are removed from it.',
  },
  hiddenStatesUnreadable: {
    code: 'RXB4016',
    message: 'Cannot read the hidden states of a prompt: {problem}',
    fix: 'Check the server log and the free space in `hiddenStates.folder`. The row counts as failed; `--retry-errors` requests it again.',
  },
  hiddenStatesMismatch: {
    code: 'RXB4017',
    message:
      'The server of model "{model}" does not return the hidden states that the options declare: {problem}',
    fix: 'Start the server with the flags from `rxb serve --print`, and set the layers and width in `hiddenStates` to those of the model (docs/models.md).',
  },
  gpuUnavailable: {
    code: 'RXB4018',
    message: 'Model "{model}" needs GPU {gpus}, but not all of them are available: {problem}',
    fix: 'Fix the option `gpus`; `nvidia-smi` lists the available GPUs.',
  },
  modelCopyFailed: {
    code: 'RXB4021',
    message:
      '{file} has no outputs for hidden states, and a copy with these outputs ({copy}) cannot be written next to it: {problem}',
    fix: 'Free disk space, make the folder writable, or copy the model to a writable folder.',
  },
  unknownTensor: {
    code: 'RXB4022',
    message: 'The graph of {file} in {folder} has no tensor "{tensor}".',
    fix: 'Fix `hiddenStates.tensors`; a viewer such as Netron shows the names.',
  },
  wrongTensorShape: {
    code: 'RXB4023',
    message:
      'The tensor "{tensor}" does not contain hidden states: its shape is [{shape}], expected [{wanted}].',
    fix: 'Name the right tensors in `hiddenStates` (docs/models.md).',
  },
  onnxruntimeMissing: {
    code: 'RXB4024',
    message: 'The backend onnx needs the package onnxruntime-node, which does not load: {problem}',
    fix: 'Run `npm install onnxruntime-node --ignore-scripts` in your project, or use a backend that asks a server (docs/models.md).',
  },
  serverUnreachable: {
    code: 'RXB4101',
    message: 'Cannot reach any server of model "{model}" ({urls}): {problem}',
    fix: 'Start the server or fix `baseUrl`, then run the same command again. Finished work is kept.',
    exit: 3,
    resumable: true,
  },
  apiKeyRejected: {
    code: 'RXB4102',
    message: 'The server of model "{model}" rejected the API key: {problem}',
    fix: 'Set the right key in the environment variable that `apiKey` or `headers` names, then run the same command again.',
    resumable: true,
  },
  modelNotServed: {
    code: 'RXB4103',
    message: 'The server does not serve model "{model}": {problem}',
    fix: 'Check `model` and `baseUrl`; GET <baseUrl>/models lists the models of the server.',
  },
  wrongModelReplied: {
    code: 'RXB4104',
    message: 'Model "{requested}" was requested, but the reply comes from "{served}".',
    fix: 'Use the model name that the server uses, or add the other name to `servedAs` if it is the same model.',
  },
  quotaExhausted: {
    code: 'RXB4105',
    message: 'The account for model "{model}" has no credit left: {problem}',
    fix: 'Add credit, then run the same command again. Finished work is kept.',
    exit: 3,
    resumable: true,
  },
  requestFailed: {
    code: 'RXB4106',
    message: 'A request failed after all retries: {problem}',
    fix: 'The row counts as failed; `--retry-errors` sends such requests again.',
  },
  promptRejected: {
    code: 'RXB4107',
    message: 'The server rejected the prompt: {problem}',
    fix: 'Check the prompt (its length, a content filter). The row counts as failed.',
  },
  invalidRecording: {
    code: 'RXB4108',
    message: 'Cannot use the recording {file}: {problem}',
    fix: 'Fix the file; docs/models.md, "Backend replay", describes its lines.',
  },
  notRecorded: {
    code: 'RXB4109',
    message: 'The recording has no {what} for this prompt.',
    fix: 'Record it, or remove the row from the dataset. The row counts as failed.',
  },
  serverFaulty: {
    code: 'RXB4115',
    message: 'The server of model "{model}" can be reached, but answers with an error: {problem}',
    fix: 'Check `baseUrl` and the log of the server, then run the same command again.',
    exit: 3,
    resumable: true,
  },
  unusableKey: {
    code: 'RXB4119',
    message:
      'The environment variable {name} ({path}) contains a character that no HTTP header can have.',
    fix: 'Set it again, without line breaks or characters that are not part of the key.',
  },
  unreadableReply: {
    code: 'RXB4120',
    message: 'A reply of the server cannot be used: {problem}',
    fix: 'The row counts as failed. Check that `baseUrl` is a server of the OpenAI protocol, and its log.',
  },
  serverRedirects: {
    code: 'RXB4117',
    message: 'The server of model "{model}" sends requests on to another address: {problem}',
    fix: 'Set `baseUrl` to the address that answers. The API key is never sent to another address by itself.',
    exit: 3,
    resumable: true,
  },
  serverAsksToWait: {
    code: 'RXB4118',
    message:
      'The servers of model "{model}" accept no requests before {until}, which is more than `longestWaitSeconds` ({seconds}) away: {problem}',
    fix: 'Run the same command again after that time, or raise `longestWaitSeconds` in the options of the model. Finished work is kept.',
    exit: 3,
    resumable: true,
  },
  pythonNotStarted: {
    code: 'RXB6020',
    message: 'Cannot start "{python}", the Python of the backend transformers: {problem}',
    fix: 'Install Python 3.9 or newer, or set the option `python`.',
  },
  pythonModuleMissing: {
    code: 'RXB6021',
    message: '"{python}" cannot load {module}, which the backend transformers needs: {problem}',
    fix: 'Install it (`pip install {module}`), or set the option `python` to a Python that has it.',
  },
  transformersModelNotLoaded: {
    code: 'RXB6022',
    message: 'transformers cannot load the model in {folder}: {problem}',
    fix: 'Check the folder, `device` and `dtype`; docs/models.md, "Backend transformers", lists the requirements.',
  },
  hiddenStatesReaderExited: {
    code: 'RXB6023',
    message: 'The Python process that reads hidden states of {folder} exited early: {problem}',
    fix: 'Fix the cause (lower `batchTokens` if memory ran out), then run the same command again. Finished work is kept.',
    resumable: true,
  },
  untrainedHead: {
    code: 'RXB6301',
    message: 'The classifier in {folder} has a head that was never trained: its bias is exactly 0.',
    fix: 'Fine-tune it with `rxb finetune`, or use a folder with a trained head.',
  },
  headNotVerified: {
    code: 'RXB6302',
    message: 'Cannot verify that the head of the classifier in {folder} was trained: {problem}.',
    fix: 'Export the classifier again from its Hugging Face weights, or fine-tune it with `rxb finetune`.',
  },
});
