import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { testProvider } from './test-provider.ts';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

/** The demo as a process of its own, as `npm start` runs it. */
export interface DemoProcess {
  child: ChildProcess;
  /** Resolves when what it has written to stderr contains the text; rejects when it ends without. */
  said(text: string): Promise<void>;
  ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
}

export function startDemo(args: string[], env: Record<string, string> = {}): DemoProcess {
  const flags = ['--conditions=source', '--disable-warning=ExperimentalWarning'];
  const provider = args.some((arg) => arg.startsWith('--provider')) ? [] : [`--provider=${testProvider()}`];
  const child = spawn(process.execPath, [...flags, MAIN, ...provider, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let stderr = '';
  const looking = new Set<() => void>();
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += String(chunk);
    for (const look of looking) look();
  });
  const ended = Promise.all([once(child, 'close'), text(child.stdout)]).then(([[code], stdout]) => {
    return { code: code as number | null, stdout, stderr };
  });
  return {
    child,
    ended,
    said: (wanted) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!stderr.includes(wanted)) return;
          looking.delete(look);
          resolve();
        };
        looking.add(look);
        look();
        void ended.then(() => reject(new Error(`It ended and had not said "${wanted}":\n${stderr}`)));
      }),
  };
}

/** Whether something listens at `host:port` of a URL or of a plain address. */
export async function listens(address: string): Promise<boolean> {
  const { hostname, port } = new URL(address.includes('://') ? address : `tcp://${address}`);
  const socket = createConnection({ host: hostname, port: Number(port) });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
