import { setTimeout as pause } from 'node:timers/promises';

/** Messages of rejections that nobody handled while `work` ran. */
export async function unhandledDuring(work: () => Promise<void>): Promise<readonly string[]> {
  const messages: string[] = [];
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', (reason) => messages.push(String(reason)));
  try {
    await work();
    await pause(50);
  } finally {
    process.removeAllListeners('unhandledRejection');
    for (const listener of others) process.on('unhandledRejection', listener);
  }
  return messages;
}
