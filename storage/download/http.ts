/** One HTTP request for a file, from a given byte on. */
import type { Response } from 'undici';

type Environment = Readonly<Record<string, string | undefined>>;

const HUGGING_FACE = 'https://huggingface.co';

/** URL of Hugging Face: HF_ENDPOINT names a mirror. */
export const huggingFace = (env: Environment): string =>
  (env['HF_ENDPOINT'] ?? HUGGING_FACE).replace(/\/+$/, '') || HUGGING_FACE;

/** The token is sent to Hugging Face only; fetch removes it on redirects to other hosts. */
function headersFor(url: string, from: number, env: Environment): Record<string, string> {
  const token = env['HF_TOKEN'] ?? env['HUGGING_FACE_HUB_TOKEN'];
  const isHuggingFace = new URL(url).origin === new URL(huggingFace(env)).origin;
  return {
    'user-agent': 'routerxbench',
    // the bytes of the file itself, so that ranges and lengths refer to the file
    'accept-encoding': 'identity',
    ...(from > 0 ? { range: `bytes=${from}-` } : {}),
    ...(isHuggingFace && token !== undefined && token !== ''
      ? { authorization: `Bearer ${token}` }
      : {}),
  };
}

/**
 * Requests a file and passes the response to `use`. Honours HTTP_PROXY, HTTPS_PROXY and NO_PROXY of
 * the given environment.
 */
export async function requestFile<T>(
  url: string,
  from: number,
  env: Environment,
  signal: AbortSignal,
  use: (response: Response) => Promise<T>,
): Promise<T> {
  const { EnvHttpProxyAgent, fetch } = await import('undici');
  const getVariable = (name: string): string | undefined =>
    env[name.toLowerCase()] ?? env[name.toUpperCase()];
  const [httpProxy, httpsProxy, noProxy] = [
    getVariable('http_proxy'),
    getVariable('https_proxy'),
    getVariable('no_proxy'),
  ];
  const dispatcher = new EnvHttpProxyAgent({
    httpProxy: httpProxy ?? '',
    httpsProxy: httpsProxy ?? '',
    noProxy: noProxy ?? '',
    connect: { timeout: 20_000 },
    headersTimeout: 60_000,
    bodyTimeout: 60_000,
  });
  try {
    return await use(
      await fetch(url, {
        dispatcher,
        signal,
        headers: headersFor(url, from, env),
        redirect: 'follow',
      }),
    );
  } finally {
    await dispatcher.destroy();
  }
}
