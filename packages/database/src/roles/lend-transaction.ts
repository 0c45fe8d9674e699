import type { HooklineError } from '@hookline/runtime';
import { escapeIdentifier, escapeLiteral } from 'pg';
import { allAnswered } from '../all-answered.ts';
import { isRefusal } from '../classify-error.ts';
import type { Queryable } from '../database.ts';
import { PLAN_AS_EVER, PLAN_SETTINGS } from '../kept-plans.ts';
import { missingRole } from './check-handlers-role.ts';

/** A transaction that is lent to code which is not ours. */
export interface LentTransaction {
  /** The transaction, under the role of the borrower from its first statement on. Refuses to change the role. */
  tx: Queryable;
  /**
   * For a statement of ours between those of the borrower, under our own role, which no other statement is run under: one
   * without values, that returns one row with one text, `value`. It sees the borrower's settings:
   * name everything in full.
   *
   * @throws SQLSTATE `HK001` as `takeBack`
   */
  between: Pick<Queryable, 'query'>;
  /**
   * Has the transaction back under our own role, with the settings of the session and its own as they were;
   * one round trip, none when the borrower has asked for nothing. What would outlive the transaction on a pooled
   * connection goes: settings, advisory locks of the session, temporary tables, prepared statements, cursors, LISTEN. The
   * name of the transaction is left as it is: whoever compares it later learns of one that was ended and begun anew.
   *
   * @throws SQLSTATE `HK001` where the borrower has changed the role
   * @throws {HooklineError} DATABASE_MISMATCH where we may not take on the borrower's role: nothing of its own doing
   */
  takeBack(): Promise<void>;
  /** @throws {HooklineError} DATABASE_MISMATCH, as `takeBack`: what failed for it is no failure of the borrower's */
  throwIfRefused(): void;
}

/** What the transaction has set for itself, which RESET ALL takes away, too. */
const SETTINGS = [
  ...(['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout'] as const),
  'client_connection_check_interval',
  ...PLAN_SETTINGS,
] as const;

/**
 * SET ROLE and its like where a statement begins: a column may be called `role`. That a DO block or a function can do the
 * same is why the role is compared in the end.
 */
const CHANGES_ROLE = /(?:^|;)\s*(?:set\s+(?:local\s+|session\s+)?|reset\s+)(?:role|session\s+authorization)\b/i;

/**
 * Lends a transaction under another role; `set local role`, so that poolers in transaction mode and a rollback end it by
 * themselves. Not a wall against code that wants through (it runs in our process and knows our password): what it does by
 * mistake is refused, and said.
 */
export function lendTransaction(ours: Queryable, role: string): LentTransaction {
  let lending: Promise<Before> | undefined;
  let refused: HooklineError | undefined;

  const lend = async (): Promise<Before> => {
    try {
      const [{ rows }] = await allAnswered([
        ours.query<Before>(
          `set local role ${escapeIdentifier(role)};
           select session_user as session, ${SETTINGS.map((name) => `current_setting('${name}') as ${name}`).join(', ')}`,
        ),
        ours.query(PLAN_AS_EVER.join('; ')),
      ]);
      return rows[0] as Before;
    } catch (error) {
      if (isRefusal(error)) refused = missingRole(role, error);
      throw error;
    }
  };

  const throwIfRefused = () => {
    if (refused) throw refused;
  };
  return {
    throwIfRefused,
    tx: {
      async query(text, values) {
        if (CHANGES_ROLE.test(text)) throw new Error(`A handler runs as ${role}, and may not change that.`);
        await (lending ??= lend());
        return ours.query(text, values);
      },
    },
    between: {
      query(text) {
        return ours.query(lending ? askingBetween(role, text) : text);
      },
    },
    async takeBack() {
      throwIfRefused();
      if (!lending) return;
      const before = await lending;
      lending = undefined;
      await ours.query(takingBack(role, before));
    },
  };
}

type Before = { session: string } & Record<(typeof SETTINGS)[number], string>;

/** In one text: nothing that the borrower sends meanwhile can come between, and an error ends all of it. */
const askingBetween = (role: string, text: string): string =>
  `do $hookline$
    declare
      answer text;
    begin
      ${roleCheck(role)}
      reset role;
      execute ${escapeLiteral(text)} into strict answer;
      perform set_config('hookline.answer', answer, true);
      set local role ${escapeIdentifier(role)};
    end $hookline$;
    select current_setting('hookline.answer') as value`;

function takingBack(role: string, before: Before): string {
  const restored = SETTINGS.map((name) => `perform set_config('${name}', ${escapeLiteral(before[name])}, true);`);
  return `do $hookline$
    declare
      name constant text := current_setting('application_name');
      made text;
    begin
      ${roleCheck(role, `or session_user <> ${escapeLiteral(before.session)}`)}
      reset role;
      reset all;
      perform set_config('application_name', name, true);
      ${restored.join(' ')}
      perform pg_advisory_unlock_all();
      -- Those of PREPARE: ours, and a pooler's, are of the protocol, and are still known on the other side.
      for made in select statement.name from pg_prepared_statements statement where from_sql loop
        execute format('deallocate %I', made);
      end loop;
    end $hookline$;
    discard temp; close all; unlisten *`;
}

const roleCheck = (role: string, also = ''): string =>
  `if current_user <> ${escapeLiteral(role)} ${also} then
     raise exception 'A handler has changed the role of its transaction from % to %.', ${escapeLiteral(role)}, current_user
       using errcode = 'HK001';
   end if;`;
