import { afterEach, describe, expect, it } from '@jest/globals';
import type { Resolve } from './addresses/checked-lookup.ts';
import { anOutbound, closeOutbounds, post } from './testing/outbound-world.ts';
import { startHttp, startTcp, stopServers } from './testing/servers.ts';

afterEach(async () => {
  await closeOutbounds();
  await stopServers();
});

describe('a request', () => {
  it('arrives as it was given, and its answer comes back whole', async () => {
    const server = await startHttp((request, response) => {
      const body: Buffer[] = [];
      request.on('data', (chunk: Buffer) => body.push(chunk));
      request.on('end', () => {
        const { method, url, headers } = request;
        const seen = { method, url, type: headers['content-type'], body: Buffer.concat(body).toString('hex') };
        response.writeHead(201, { 'X-Kind': ['a', 'b'] }).end(JSON.stringify(seen));
      });
    });
    const body = Buffer.from([0, 255, 10, 13]);
    const result = await post(anOutbound(), `http://127.0.0.1:${server.port}/a%20b?c=d#e`, { method: 'PUT', body });
    if (!result.success) throw new Error(result.error);
    expect(result).toMatchObject({ status: 201, complete: true, headers: { 'x-kind': 'a, b' } });
    expect(JSON.parse(result.body.toString())).toEqual({
      method: 'PUT',
      url: '/a%20b?c=d',
      type: 'application/json',
      body: '00ff0a0d',
    });
  });

  it('that cannot be sent is refused without having begun', async () => {
    const server = await startHttp((_request, response) => response.end());
    const headers = { 'x-title': 'two\nlines' };
    const result = await post(anOutbound(), `http://127.0.0.1:${server.port}/`, { headers });
    expect(result).toMatchObject({ success: false, reason: 'REQUEST_INVALID', began: false });
  });

  it('has begun before its connection broke, or has not', async () => {
    const dropping = await startTcp((socket) => socket.once('data', () => socket.destroy()));
    const outbound = anOutbound();
    expect(await post(outbound, `http://127.0.0.1:${dropping.port}/`)).toMatchObject({
      success: false,
      reason: 'CONNECTION',
      began: true,
    });
    const closed = await startTcp();
    await stopServers();
    expect(await post(outbound, `http://127.0.0.1:${closed.port}/`)).toMatchObject({
      success: false,
      reason: 'CONNECTION',
      began: false,
      error: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('is sent once, also over a connection that its server has closed', async () => {
    let requests = 0;
    const server = await startTcp((socket) => {
      socket.on('data', () => {
        requests += 1;
        socket.end('HTTP/1.1 204 No Content\r\nconnection: keep-alive\r\n\r\n');
      });
    });
    const outbound = anOutbound();
    let begun = 0;
    for (let i = 1; i <= 5; i += 1) {
      await post(outbound, `http://127.0.0.1:${server.port}/`, { begin: () => (begun += 1) });
      expect(requests).toBeLessThanOrEqual(begun);
      expect(begun).toBeLessThanOrEqual(i);
    }
  });
});

describe('begin', () => {
  it('is called when the connection is there, and if it throws no byte goes out', async () => {
    const server = await startTcp();
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<void>();
    const slowly: Resolve = async () => {
      asked.resolve();
      await answer.promise;
      return [{ address: '127.0.0.1', family: 4 }];
    };
    let connectionsThen = -1;
    const begin = (): void => {
      connectionsThen = server.connections;
      throw new Error('the lease is over');
    };
    const sending = post(anOutbound({}, slowly), `http://slow.example:${server.port}/`, { begin });
    await asked.promise;
    expect(connectionsThen).toBe(-1);
    answer.resolve();
    expect(await sending).toEqual({
      success: false,
      reason: 'NOT_BEGUN',
      began: false,
      error: `slow.example:${server.port}: the lease is over`,
    });
    await closeOutbounds();
    await server.ended;
    expect(server).toMatchObject({ connections: 1, received: '' });
  });

  it('is called before each hop', async () => {
    const server = await startHttp((request, response) => {
      if (request.url === '/moved') response.end('here');
      else response.writeHead(307, { location: '/moved' }).end();
    });
    let begun = 0;
    const begin = (): void => {
      begun += 1;
      if (begun === 2) throw new Error('the lease is over');
    };
    const result = await post(anOutbound(), `http://127.0.0.1:${server.port}/`, { begin, followWithinHost: true });
    // The first was redirected: it had no effect.
    expect(result).toMatchObject({ success: false, reason: 'NOT_BEGUN', began: false });
  });
});

describe('redirects within the host', () => {
  const redirecting = (status: number) =>
    startHttp((request, response) => {
      if (request.url === '/moved') response.end(request.method);
      else response.writeHead(status, { location: '/moved' }).end();
    });

  it.each([
    ['GET', 301],
    ['GET', 302],
    ['HEAD', 307],
    ['POST', 307],
    ['PATCH', 308],
  ])('of %s after %i are followed', async (method, status) => {
    const { port } = await redirecting(status);
    const body = method === 'POST' || method === 'PATCH' ? '{}' : null;
    const result = await post(anOutbound(), `http://127.0.0.1:${port}/`, { method, body, followWithinHost: true });
    expect(result).toMatchObject({ success: true, status: 200 });
    if (result.success) expect(result.body.toString()).toBe(method === 'HEAD' ? '' : method);
  });

  it.each([
    ['POST', 301],
    ['POST', 302],
    ['POST', 303],
    ['GET', 300],
  ])('of %s after %i are not', async (method, status) => {
    const { port } = await redirecting(status);
    const body = method === 'POST' ? '{}' : null;
    const result = await post(anOutbound(), `http://127.0.0.1:${port}/`, { method, body, followWithinHost: true });
    expect(result).toMatchObject({ success: true, status });
  });

  it('are not followed unless asked', async () => {
    const { port } = await redirecting(307);
    expect(await post(anOutbound(), `http://127.0.0.1:${port}/`)).toMatchObject({ success: true, status: 307 });
  });

  it('end where they go in circles', async () => {
    let requests = 0;
    const { port } = await startHttp((_request, response) => {
      requests += 1;
      response.writeHead(307, { location: '/' }).end();
    });
    const result = await post(anOutbound(), `http://127.0.0.1:${port}/`, { followWithinHost: true });
    expect(result).toMatchObject({ success: true, status: 307 });
    expect(requests).toBe(6);
  });
});

describe('the deadline', () => {
  const deadlineMs = 150;

  it('covers resolving; a request that was given up is not sent when its connection comes after all', async () => {
    const paths: (string | undefined)[] = [];
    const server = await startHttp((request, response) => {
      paths.push(request.url);
      response.end();
    });
    const answer = Promise.withResolvers<void>();
    const resolve: Resolve = async () => {
      await answer.promise;
      return [{ address: '127.0.0.1', family: 4 }];
    };
    let begun = 0;
    const outbound = anOutbound({}, resolve);
    const begin = (): void => {
      begun += 1;
    };
    const host = `slow.example:${server.port}`;
    expect(await post(outbound, `http://${host}/first`, { deadlineMs, begin })).toEqual({
      success: false,
      reason: 'DEADLINE',
      began: false,
      error: `${host}: not done within 150 ms`,
    });
    // The second is behind the first all the way: when it has its answer, the first would have been sent.
    const second = post(outbound, `http://${host}/second`);
    answer.resolve();
    expect(await second).toMatchObject({ success: true });
    expect(begun).toBe(0);
    expect(paths).toEqual(['/second']);
  });

  it('covers TLS', async () => {
    const server = await startTcp();
    const result = await post(anOutbound(), `https://127.0.0.1:${server.port}/`, { deadlineMs });
    expect(result).toMatchObject({ success: false, reason: 'DEADLINE', began: false });
    expect(server.connections).toBe(1);
  });

  it('covers waiting for the answer', async () => {
    const server = await startHttp(() => {});
    const result = await post(anOutbound(), `http://127.0.0.1:${server.port}/`, { deadlineMs });
    expect(result).toMatchObject({ success: false, reason: 'DEADLINE', began: true });
  });

  it('covers the body of the answer, whose status counts nevertheless', async () => {
    const server = await startHttp((_request, response) => {
      response.writeHead(200).write('some');
    });
    const result = await post(anOutbound(), `http://127.0.0.1:${server.port}/`, { deadlineMs });
    expect(result).toMatchObject({ success: true, status: 200, complete: false });
    if (result.success) expect(result.body.toString()).toBe('some');
  });
});

describe('the signal', () => {
  it('ends a request that is under way', async () => {
    const giveUp = new AbortController();
    const server = await startHttp(() => giveUp.abort());
    const result = await post(anOutbound(), `http://127.0.0.1:${server.port}/`, { signal: giveUp.signal });
    expect(result).toMatchObject({ success: false, reason: 'ABORTED', began: true });
  });

  it('keeps one from beginning that was aborted before', async () => {
    const server = await startHttp((_request, response) => response.end());
    const result = await post(anOutbound(), `http://127.0.0.1:${server.port}/`, { signal: AbortSignal.abort() });
    expect(result).toMatchObject({ success: false, reason: 'ABORTED', began: false });
    expect(server.connections).toBe(0);
  });
});

describe('an answer', () => {
  it('is read as far as it may be large', async () => {
    const closed = Promise.withResolvers<void>();
    const server = await startHttp((_request, response) => {
      response.on('close', () => closed.resolve());
      const more = (): void => {
        while (response.write('x'.repeat(10_000)));
      };
      response.on('drain', more);
      more();
    });
    const result = await post(anOutbound(), `http://127.0.0.1:${server.port}/`, { maxResponseBytes: 1000 });
    expect(result).toMatchObject({ success: true, status: 200, complete: false });
    if (result.success) expect(result.body.length).toBe(1000);
    // It goes on for ever: only that we have hung up ends it.
    await closed.promise;
  });

  it('counts by its status where the connection breaks behind it', async () => {
    const server = await startTcp((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf', () => socket.destroy());
      });
    });
    const result = await post(anOutbound(), `http://127.0.0.1:${server.port}/`);
    expect(result).toMatchObject({ success: true, status: 200, complete: false });
  });

  it('counts that comes before the request was read, as one too large is answered', async () => {
    const server = await startHttp((_request, response) => response.writeHead(413, { connection: 'close' }).end('no'));
    const body = Buffer.alloc(25 * 1024 * 1024, 'x');
    const result = await post(anOutbound(), `http://127.0.0.1:${server.port}/`, { body });
    expect(result).toMatchObject({ success: true, status: 413 });
  });

  it('is the last one, not an interim one', async () => {
    const hints = 'HTTP/1.1 103 Early Hints\r\n\r\n';
    const whole = await startTcp((socket) => {
      socket.once('data', () => socket.write(`${hints}HTTP/1.1 204 No Content\r\n\r\n`));
    });
    const outbound = anOutbound();
    expect(await post(outbound, `http://127.0.0.1:${whole.port}/`)).toMatchObject({ success: true, status: 204 });
    const broken = await startTcp((socket) => {
      socket.once('data', () => socket.write(hints, () => socket.destroy()));
    });
    const result = await post(outbound, `http://127.0.0.1:${broken.port}/`);
    expect(result).toMatchObject({ success: false, reason: 'CONNECTION', began: true });
  });
});
