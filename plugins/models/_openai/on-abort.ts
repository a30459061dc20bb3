const waiting = new WeakMap<
  AbortSignal,
  { readonly stops: Set<() => void>; readonly listener: () => void }
>();

/**
 * Calls `stop` when the signal aborts, and returns a function that unsubscribes. A signal searches
 * all its listeners for each one that is added or removed, so thousands of requests share one
 * listener.
 */
export function onAbort(signal: AbortSignal, stop: () => void): () => void {
  let entry = waiting.get(signal);
  if (entry === undefined) {
    const stops = new Set<() => void>();
    const listener = (): void => stops.forEach((each) => each());
    entry = { stops, listener };
    waiting.set(signal, entry);
    signal.addEventListener('abort', listener, { once: true });
  }
  const { stops, listener } = entry;
  stops.add(stop);
  return () => {
    stops.delete(stop);
    if (stops.size > 0) return;
    waiting.delete(signal);
    signal.removeEventListener('abort', listener);
  };
}
