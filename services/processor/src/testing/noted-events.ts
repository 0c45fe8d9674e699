import { createLogger, createMetrics, systemClock } from '@hookline/runtime';
import { createProcessorEvents, type ProcessorEvents } from '../events.ts';

/** The events of a processor, silent, with what went wrong written down in a few words each. */
export function notedEvents(): { events: ProcessorEvents; errors: string[] } {
  const errors: string[] = [];
  const logger = createLogger({ service: 'test', level: 'silent' });
  const events = createProcessorEvents(logger, createMetrics({ service: 'test' }), systemClock);
  return {
    errors,
    events: {
      ...events,
      retrying(...args) {
        errors.push(`${args[1]}: ${(args[4] as Error).message}`);
        events.retrying(...args);
      },
      handlerFailed(...args) {
        errors.push(`handler: ${args[1].offset}`);
        events.handlerFailed(...args);
      },
      undecodable(...args) {
        errors.push(`undecodable: ${args[1].offset}`);
        events.undecodable(...args);
      },
      recordRefused(...args) {
        errors.push(`refused: ${args[1].offset}`);
        events.recordRefused(...args);
      },
      halted(...args) {
        errors.push(`halted: ${args[1].reason}`);
        events.halted(...args);
      },
      gap(...args) {
        errors.push(`gap: ${args[1]} ${args[2]}`);
        events.gap(...args);
      },
    },
  };
}
