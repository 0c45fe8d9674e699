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
        errors.push(`handler: ${args[1].offset} ${args[3]}, ${args[4]}`);
        events.handlerFailed(...args);
      },
      decided(...args) {
        for (const { record, decision } of args[1]) {
          if (decision === 'dead-lettered') errors.push(`dead: ${record.offset}`);
        }
        events.decided(...args);
      },
      blamed(...args) {
        errors.push(`blamed: ${args[1].offset}`);
        events.blamed(...args);
      },
      intakePaused(...args) {
        if (args[2] === 1) errors.push(`paused: ${args[1].offset}`);
        events.intakePaused(...args);
      },
      intakeResumed(...args) {
        errors.push('resumed');
        events.intakeResumed(...args);
      },
      halted(...args) {
        errors.push(`halted: ${args[1].reason}`);
        events.halted(...args);
      },
      haltRetried(...args) {
        errors.push(`halt retried: ${(args[1] as Error).message}`);
        events.haltRetried(...args);
      },
      gap(...args) {
        errors.push(`gap: ${args[1]} ${args[2]}`);
        events.gap(...args);
      },
    },
  };
}
