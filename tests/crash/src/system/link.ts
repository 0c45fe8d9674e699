import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';

/** The network between one process and one server, to be disturbed. Nothing is disturbed at first. */
export interface Link {
  /** Where the process connects to, on the loopback interface. */
  port: number;
  /** Breaks every connection; new ones are made as if nothing had been. */
  cut(): void;
  /** New connections are broken at once, and so are those that are open. */
  refuse(): void;
  /** Nothing arrives in either direction, and nobody is told: what is sent meanwhile arrives when it ends. */
  silence(): void;
  /** Every piece takes this much longer. */
  delay(ms: number): void;
  throttle(bytesPerSecond: number): void;
  /** New connections, and those that are open, go to another port instead. */
  divert(port: number): void;
  /** The next answers to what `matches` do not arrive: the connection breaks instead, after the server has answered. */
  loseAnswers(count: number, matches: (request: Buffer) => boolean): void;
  /** How many answers are still to be lost. */
  toLose(): number;
  /** Ends every disturbance. */
  repair(): void;
  close(): Promise<void>;
}

interface Pair {
  client: Socket;
  server: Socket;
  losesNext: boolean;
}

/** A TCP proxy to a port of this machine. */
export async function openLink(targetPort: number): Promise<Link> {
  const pairs = new Set<Pair>();
  let mode: 'open' | 'refusing' | 'silent' = 'open';
  let target = targetPort;
  let delayMs = 0;
  let bytesPerSecond = Number.POSITIVE_INFINITY;
  let losing: { count: number; matches: (request: Buffer) => boolean } | undefined;
  let changed = Promise.withResolvers<void>();

  const listener = net.createServer({ noDelay: true }, (client) => {
    client.on('error', () => client.destroy());
    if (mode === 'refusing') {
      client.resetAndDestroy();
      return;
    }
    const server = net.connect({ host: '127.0.0.1', port: target, noDelay: true });
    server.on('error', () => server.destroy());
    const pair: Pair = { client, server, losesNext: false };
    pairs.add(pair);
    const end = (): void => {
      pairs.delete(pair);
      client.destroy();
      server.destroy();
    };
    client.once('close', end);
    server.once('close', end);
    void carry(client, server, (chunk) => {
      if (losing && losing.count > 0 && losing.matches(chunk)) {
        losing.count -= 1;
        pair.losesNext = true;
      }
      return true;
    });
    void carry(server, client, () => {
      if (pair.losesNext) client.resetAndDestroy();
      return !pair.losesNext;
    });
  });
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(0, '127.0.0.1', resolve);
  });

  async function carry(from: Socket, to: Socket, passes: (chunk: Buffer) => boolean): Promise<void> {
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        while (mode === 'silent') await changed.promise;
        const wait = delayMs + (chunk.length / bytesPerSecond) * 1000;
        if (wait >= 1) await Promise.race([new Promise((resolve) => setTimeout(resolve, wait)), changed.promise]);
        if (!passes(chunk)) return;
        if (!to.write(chunk)) await Promise.race([once(to, 'drain'), once(to, 'close')]);
      }
      to.end();
    } catch {
      from.destroy();
      to.destroy();
    }
  }

  function change(act: () => void): void {
    act();
    changed.resolve();
    changed = Promise.withResolvers();
  }

  function cut(): void {
    for (const { client, server } of pairs) {
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
  }

  return {
    port: (listener.address() as AddressInfo).port,
    cut,
    refuse() {
      change(() => (mode = 'refusing'));
      cut();
    },
    silence: () => change(() => (mode = 'silent')),
    delay: (ms) => change(() => (delayMs = ms)),
    throttle: (rate) => change(() => (bytesPerSecond = rate)),
    divert(port) {
      target = port;
      cut();
    },
    loseAnswers(count, matches) {
      losing = { count, matches };
    },
    toLose: () => losing?.count ?? 0,
    repair() {
      change(() => {
        mode = 'open';
        if (target !== targetPort) cut();
        target = targetPort;
        delayMs = 0;
        bytesPerSecond = Number.POSITIVE_INFINITY;
        losing = undefined;
      });
    },
    async close() {
      change(() => (mode = 'open'));
      cut();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}

/** COMMIT as PostgreSQL's simple query protocol carries it; it travels alone, since its sender waits for the answer. */
export function isCommit(request: Buffer): boolean {
  return request[0] === 0x51 && request.subarray(5).toString('latin1').toLowerCase().startsWith('commit\0');
}

/** A produce request, by its place behind the four bytes of its size. */
export function isProduce(request: Buffer): boolean {
  return request.length > 6 && request.readInt16BE(4) === 0;
}
