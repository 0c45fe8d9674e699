import type { Debugger, Session } from 'node:inspector';

/** What a thread can still learn from, and do to, a main thread that does not return to its event loop. */
export interface MainThread {
  /**
   * Stops it where it is and resolves to its stack, innermost call first. Null when it does not answer within the time:
   * it is not in JavaScript, but in a call of the system.
   */
  stack(withinMs: number): Promise<string[] | null>;
  /** Has it end the process by itself: for where a signal cannot. Works in JavaScript only. */
  exit(code: number): void;
}

/** Frames of a stack that are worth a log line. */
const MAX_FRAMES = 20;

/** By the inspector, which V8 serves in the middle of a loop; nothing listens on any port. */
export async function openMainThread(): Promise<MainThread> {
  // Loaded when it is needed, which is hardly ever: it would cost the idle thread memory.
  const inspector = await import('node:inspector');
  const session = new inspector.Session();
  session.connectToMainThread();
  return { stack: (withinMs) => stackOf(session, withinMs), exit: (code) => exit(session, code) };
}

function stackOf(session: Session, withinMs: number): Promise<string[] | null> {
  const files = new Map<string, string>();
  return new Promise((resolve) => {
    session.on('Debugger.scriptParsed', ({ params }) => files.set(params.scriptId, params.url));
    session.once('Debugger.paused', ({ params }) => {
      resolve(params.callFrames.slice(0, MAX_FRAMES).map((frame) => place(frame, files)));
    });
    session.post('Debugger.enable');
    session.post('Debugger.pause');
    setTimeout(() => resolve(null), withinMs);
  });
}

function place({ functionName, location }: Debugger.CallFrame, files: ReadonlyMap<string, string>): string {
  const { scriptId, lineNumber, columnNumber = 0 } = location;
  return `${functionName || '<anonymous>'} (${files.get(scriptId)}:${lineNumber + 1}:${columnNumber + 1})`;
}

function exit(session: Session, code: number): void {
  session.post('Runtime.evaluate', { expression: `process.exit(${code})` });
}
