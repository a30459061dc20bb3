/** The body of the thread: answers questions one after another. */
import { parentPort } from 'node:worker_threads';
import { decide, type Question } from './compare-answers.js';
import type { Reply } from './thread.js';

const port = parentPort;
if (port === null) throw new Error('thread-body is the body of a thread');
port.on('message', (question: Question) => {
  let reply: Reply;
  try {
    reply = { decision: decide(question) };
  } catch (error) {
    reply = { failed: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
  port.postMessage(reply);
});
port.postMessage('ready');
