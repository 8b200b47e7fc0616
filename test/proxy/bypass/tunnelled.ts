import { hello, serverName } from '../tunnel/client-hello-bytes.ts';

/** The ClientHello of a handshake with a host. */
export const helloFor = (...names: readonly string[]): Buffer =>
  hello(...(names.length > 0 ? [serverName(...names)] : []));
