const INTERVAL_MS = 100;
const ERASE_LINE = '\r\u001B[2K';

export interface StatusLine {
  /** Draws the line now, and again several times a second until it is cleared. Nothing where there is no terminal. */
  draw(): void;
  /** Prints a line of its own above it. */
  print(line: string): void;
  clear(): void;
}

/** The last line of a terminal, drawn again and again; elsewhere only what is printed appears. */
export function statusLine(
  terminal: { isTTY?: boolean; columns?: number; write(text: string): unknown },
  text: () => string,
): StatusLine {
  let timer: NodeJS.Timeout | undefined;
  const paint = (): void => {
    // A line that wraps could not be erased again.
    terminal.write(`${ERASE_LINE}${text().slice(0, (terminal.columns ?? 80) - 1)}`);
  };
  return {
    draw() {
      if (!terminal.isTTY) return;
      paint();
      timer ??= setInterval(paint, INTERVAL_MS).unref();
    },
    print(line) {
      terminal.write(`${timer ? ERASE_LINE : ''}${line}\n`);
      if (timer) paint();
    },
    clear() {
      if (timer) terminal.write(ERASE_LINE);
      clearInterval(timer);
      timer = undefined;
    },
  };
}
