import type { StackStep } from '@hookline/local-stack';
import { describeError } from '../demo-error.ts';
import { Stopped } from '../stop-on-signals.ts';
import { formatElapsed } from './format.ts';
import { statusLine } from './status-line.ts';

/** Tells a person which steps run, how long each took, and why one failed. */
export interface Progress {
  /** Runs a step. Its failure is told here, with what to do, and rethrown. */
  step<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** A step of the stack, which runs its own. */
  stackStep(step: StackStep): void;
  say(line: string): void;
  /** Tells an error that no step has told yet. That everything is being stopped is no failure. */
  failed(error: unknown): void;
}

interface Terminal {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

/** Lines go to `terminal`; on a real one, a last line that is drawn again says what is going on now. */
export function createProgress(terminal: Terminal, now: () => number = () => performance.now()): Progress {
  const running = new Map<string, number>();
  const told = new Set<unknown>();
  const status = statusLine(terminal, () => {
    const steps = [...running].map(([name, since]) => `${name} ${formatElapsed(now() - since)}`);
    return steps.length === 0 ? '' : `… ${steps.join(', ')}`;
  });

  function begin(name: string): void {
    running.set(name, now());
    if (terminal.isTTY) status.draw();
    else terminal.write(`… ${name}\n`);
  }

  function end(name: string, mark: '✓' | '✗' | '–'): void {
    const since = running.get(name) ?? now();
    running.delete(name);
    status.print(`${mark} ${name.padEnd(44)} ${formatElapsed(now() - since).padStart(8)}`);
    if (running.size === 0) status.clear();
  }

  function failed(error: unknown): void {
    if (error instanceof Stopped || told.has(error)) return;
    told.add(error);
    status.print(`\n${describeError(error)}\n`);
  }

  return {
    failed,
    async step(name, work) {
      begin(name);
      try {
        const result = await work();
        end(name, '✓');
        return result;
      } catch (error) {
        end(name, error instanceof Stopped ? '–' : '✗');
        failed(error);
        throw error;
      }
    },
    stackStep({ name, state }) {
      if (state === 'started') begin(name);
      else end(name, state === 'done' ? '✓' : '✗');
    },
    say: (line) => status.print(line),
  };
}
