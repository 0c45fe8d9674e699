import type { HandlerLog } from '../handler.ts';

/** One line that a handler has logged. */
export interface LoggedLine {
  level: keyof HandlerLog;
  handler: string;
  message: string;
  facts: object;
}

/** A log that keeps its lines. */
export function notedLog(handler: string, lines: LoggedLine[]): HandlerLog {
  const line =
    (level: keyof HandlerLog) =>
    (first: object | string, second = ''): void => {
      const isMessage = typeof first === 'string';
      lines.push({ level, handler, message: isMessage ? first : second, facts: isMessage ? {} : first });
    };
  return { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };
}
