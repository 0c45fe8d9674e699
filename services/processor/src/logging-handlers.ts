import type { Handler } from '@hookline/handlers';
import type { Logger } from '@hookline/runtime';

/** Handlers as given; each delivery handler has a log whose lines name it and the delivery. */
export function loggingHandlers(handlers: readonly Handler[], logger: Logger): Handler[] {
  return handlers.map((handler): Handler => {
    if (handler.kind === 'slice') return handler;
    return {
      ...handler,
      run(delivery, context) {
        const { guid, orderingKey, partition, offset } = delivery;
        let log: Logger | undefined;
        return handler.run(delivery, {
          ...context,
          get log() {
            // Most handlers log nothing, and a child costs some microseconds.
            return (log ??= logger.child({
              handler: handler.name,
              guid,
              orderingKey,
              partition,
              offset: String(offset),
            }));
          },
        });
      },
    };
  });
}
