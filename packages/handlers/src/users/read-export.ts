import { eventProblem } from '../events/event-problem.ts';
import { handlerProblems } from '../handler-problems.ts';
import type { DeliveryHandler, Handler, SliceHandler } from '../handler.ts';
import { handlers as define, type Registry } from './handlers.ts';
import { messageOf } from './message-of.ts';

export type LoadedHandlers =
  | { success: true; handlers: Handler[] }
  /** A sentence each, for whoever has written or configured the module. */
  | { success: false; problems: string[] };

const refused = (problem: string): LoadedHandlers & { success: false } => ({
  success: false,
  problems: [problem],
});

/**
 * The handlers that the default export of a module is, or why it is none.
 *
 * @param besides handlers that there are, too: no name may be one of theirs
 */
export function readExport(exported: unknown, besides: readonly Handler[]): LoadedHandlers {
  if (exported === undefined) return refused('It has no default export: export default handlers(({ on }) => { … }).');
  let given: unknown = exported;
  if (typeof exported === 'function') {
    try {
      given = define(exported as (registry: Registry) => void);
    } catch (error) {
      return refused(`Its handlers cannot be registered: ${messageOf(error)}`);
    }
  }
  const listed: unknown[] = Array.isArray(given) ? given.flat() : [given];
  const wrong = listed.findIndex((handler) => !isHandler(handler));
  if (wrong >= 0) {
    return refused(
      `Its default export is no list of handlers${Array.isArray(given) ? ` (see entry ${wrong})` : ''}: export what ` +
        'handlers(({ on }) => { … }) returns, or a list of such.',
    );
  }
  if (listed.length === 0) return refused('Its default export has no handlers.');
  const handlers = listed as Handler[];
  const problems = [
    ...handlerProblems([...besides, ...handlers]),
    ...handlers.flatMap(({ name, on }) =>
      on.flatMap((pattern) => {
        const problem = eventProblem(pattern);
        return problem === null ? [] : [`Handler ${name}: ${problem}`];
      }),
    ),
  ];
  return problems.length === 0 ? { success: true, handlers } : { success: false, problems };
}

function isHandler(value: unknown): value is Handler {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, name, on, policy, run, runSlice } = value as Partial<
    Record<keyof (DeliveryHandler & SliceHandler), unknown>
  >;
  const runs = kind === 'delivery' ? run : kind === 'slice' ? runSlice : undefined;
  const patterns = Array.isArray(on) && on.length > 0 && on.every((pattern) => typeof pattern === 'string');
  const hasPolicy = policy === undefined || (typeof policy === 'object' && policy !== null);
  return typeof name === 'string' && patterns && hasPolicy && typeof runs === 'function';
}
