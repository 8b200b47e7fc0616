import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** A side that is silent for so long is given up. Milliseconds. */
const SILENCE = 60 * 60 * 1000;

/**
 * Passes bytes on in both directions, each at the pace of who takes them. The end of one direction is the end of that
 * one only. Resolves when both ends are closed; where one breaks, the other is broken off as well.
 */
export const relay = (client: Duplex, upstream: Socket): Promise<void> =>
  new Promise((resolve) => {
    upstream.setTimeout(SILENCE, () => upstream.destroy());
    const closed = (): void => {
      if (client.closed && upstream.closed) resolve();
    };
    client.once('close', () => {
      upstream.destroy();
      closed();
    });
    upstream.once('close', () => {
      // After an end that was passed on, the client gets what is still under way to it.
      if (!upstream.readableEnded) client.destroy();
      else client.end();
      closed();
    });
    if (client.closed) upstream.destroy();
    // An end that came before this is told to no pipe.
    if (upstream.readableEnded) client.end();
    else upstream.pipe(client);
    if (client.readableEnded) upstream.end();
    else client.pipe(upstream);
    closed();
  });
