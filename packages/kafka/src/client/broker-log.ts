import type { Logger } from '@hookline/runtime';
import type { ISocketFactory } from 'kafkajs';
import { failed, recovered, type Trouble } from './broker-trouble.ts';

/** What a log tells of brokers that cannot be reached. */
export interface BrokerLog {
  /** A failure of this kind; fields and message are those of its line. */
  failed(kind: string, fields: object, message: string): void;
  /** This broker, as `host:port`, was connected to. */
  connected(broker: string): void;
}

/** Clients come and go, and try at the same time; a broker that is away is away for all of them. */
const logs = new WeakMap<Logger, BrokerLog>();

/** The one of this logger. Its lines are told as warnings by `broker-trouble.ts`; what it leaves out is at debug. */
export function brokerLog(logger: Logger): BrokerLog {
  const known = logs.get(logger) ?? createBrokerLog(logger, () => performance.now());
  logs.set(logger, known);
  return known;
}

/** @param now milliseconds of a clock that never goes back */
export function createBrokerLog(logger: Logger, now: () => number): BrokerLog {
  const troubles = new Map<string, Trouble>();
  return {
    failed(kind, fields, message) {
      const { tell, trouble } = failed(troubles.get(kind), now());
      troubles.set(kind, trouble);
      const lasting = trouble.times > 1 ? lasts(trouble, now()) : {};
      logger[tell ? 'warn' : 'debug']({ ...fields, ...lasting }, message);
    },
    connected(broker) {
      const known = troubles.get(connectionTo(broker));
      if (known === undefined) return;
      const { tell, trouble } = recovered(known, now());
      troubles.set(connectionTo(broker), trouble);
      if (tell) logger.info({ broker, ...lasts(known, now()) }, 'connected to the broker again');
    },
  };
}

/** The kind of trouble that ends with a connection to the broker. */
export const connectionTo = (broker: string): string => `Connection ${broker}`;

/** The same sockets; the log learns which broker they have reached. */
export function tellingSockets(open: ISocketFactory, log: BrokerLog): ISocketFactory {
  return (args) =>
    open({
      ...args,
      onConnect() {
        log.connected(`${args.host}:${args.port}`);
        args.onConnect();
      },
    });
}

function lasts({ times, began }: Trouble, now: number): object {
  return { times, forMs: Math.round(now - began) };
}
