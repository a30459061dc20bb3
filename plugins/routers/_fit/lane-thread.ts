/** The body of a thread that does lanes of a layered probe. */
import { workerData } from 'node:worker_threads';
import type { CrewData } from './kernel/crew.js';
import { serve } from './kernel/crew-thread.js';
import { Kernel } from './kernel/kernel.js';
import { lanesOf, type LanePlan } from './lane.js';

const data = workerData as CrewData;
serve<LanePlan>(data, (plan) => lanesOf(new Kernel(data.memory, 0), plan));
