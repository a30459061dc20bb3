/** The body of a worker thread that computes partitions of a layered probe. */
import { workerData } from 'node:worker_threads';
import type { WorkerPoolData } from './kernel/worker-pool.js';
import { serve } from './kernel/pool-thread.js';
import { Kernel } from './kernel/kernel.js';
import { buildPartitions, type PartitionPlan } from './partition.js';

const data = workerData as WorkerPoolData;
serve<PartitionPlan>(data, (plan) => buildPartitions(new Kernel(data.memory, 0), plan));
