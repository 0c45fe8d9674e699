/** A request to a server of others. */
export interface OutboundRequest {
  method: string;
  /** `http:` or `https:`, without user name and password. */
  url: string;
  headers: Record<string, string>;
  body: Buffer | string | null;
  /** Milliseconds that all may take: resolving, connecting, sending, and the answer with its body. */
  deadlineMs: number;
  /** Aborting it ends the request, whatever it is at. */
  signal: AbortSignal;
  /**
   * Called right before the first byte of the request is written, when the connection is there. What it throws is why the
   * request is not sent: no byte of it goes out.
   */
  begin: () => void;
  /** Bytes of the answer's body that are kept; what is beyond is not read. */
  maxResponseBytes: number;
  /**
   * Goes after a redirect that stays with the scheme, host and port: GET and HEAD after 301, 302, 307 and 308, others after
   * 307 and 308, always with the same method and body. By default, and where it leads elsewhere, the redirect is the answer.
   */
  followWithinHost?: boolean;
}

export type OutboundFailure =
  /** Not a URL that can be asked. */
  | 'URL_INVALID'
  /** The address, or one that the name resolves to, is private or special, and not allowed. */
  | 'ADDRESS_REFUSED'
  /** A header or the method cannot be sent. */
  | 'REQUEST_INVALID'
  /** `begin()` threw. */
  | 'NOT_BEGUN'
  /** Resolving, connecting, TLS, or the connection broke before there was an answer. */
  | 'CONNECTION'
  | 'DEADLINE'
  | 'ABORTED';

/** Errors are for operators: they name the server and the cause, and hold nothing of the request. */
export type OutboundResult =
  | {
      success: true;
      status: number;
      /** Names in lower case. */
      headers: Record<string, string>;
      body: Buffer;
      /** The body is whole. It is not where it was too large, or the deadline, the signal or the connection cut it off. */
      complete: boolean;
    }
  | {
      success: false;
      reason: OutboundFailure;
      /** Bytes may have gone out: the request may have had its effect. */
      began: boolean;
      error: string;
    };

/** The way to servers of others. Connections are kept and shared. */
export interface Outbound {
  /** Sends once: nothing is repeated. Settles by the deadline, and never rejects. */
  send(request: OutboundRequest): Promise<OutboundResult>;
  /** Cuts off what is on its way. */
  close(): Promise<void>;
}
