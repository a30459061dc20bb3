/**
 * The conformance server as a separate process, with faults in one of twenty requests: prints its
 * address, and when it is told to exit, how often each fault occurred.
 */
import { recordedEngine } from './recorded-engine.js';
import { startServer } from './server.js';

const server = await startServer({
  engine: recordedEngine(),
  faults: { seed: 7, rate: 0.05, stormMs: 20 },
});
console.log(server.url);
process.once('SIGTERM', () => {
  console.log(JSON.stringify(Object.fromEntries(server.faults)));
  void server.close().then(() => process.exit(0));
});
