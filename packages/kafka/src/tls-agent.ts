import https from 'node:https';
import type { Socket } from 'node:net';
import { adviceOnTls, readTls, type TlsFiles } from '@hookline/runtime';

type SecuredBy = Parameters<typeof adviceOnTls>[1];

/**
 * An agent for one request, with what the files hold now. Its errors say what to do about them.
 *
 * @throws where a file cannot be used
 */
export function tlsAgent(files: TlsFiles, securedBy: SecuredBy): https.Agent {
  const agent = new https.Agent({
    ...readTls(files),
    rejectUnauthorized: true,
    keepAlive: false,
    maxCachedSessions: 0,
  });
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (...args: Parameters<typeof connect>) => {
    const socket = connect(...args);
    if (socket) adviseOnErrors(socket as Socket, securedBy);
    return socket;
  };
  return agent;
}

/** Adds to the messages of a TLS connection's errors what to do: libraries pass on the message, and nothing else. */
export function adviseOnErrors(socket: Socket, securedBy: SecuredBy): void {
  socket.prependListener('error', (error: Error) => {
    const advice = adviceOnTls(error, securedBy);
    // OpenSSL's end with a line break.
    if (advice !== undefined) error.message = `${error.message.trimEnd()}: ${advice}`;
  });
}
